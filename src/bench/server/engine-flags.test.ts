import { expect, test } from 'vitest'
import { engineFlags } from './engine-flags.ts'

test('says what was chosen, and nothing else', () => {
  expect(engineFlags({})).toEqual([])
  expect(
    engineFlags({ device: 'cuda:1', contextLength: 512, kvMemory: 1e9, without: ['graphs', 'pipelining'] }),
  ).toEqual([
    '--device',
    'cuda:1',
    '--context',
    '512',
    '--kv-memory',
    '1000000000',
    '--without',
    'graphs',
    '--without',
    'pipelining',
  ])
})

test('of flags, what differs from their default', () => {
  expect(engineFlags({ prefixCaching: true, batchInvariant: false })).toEqual([])
  expect(engineFlags({ prefixCaching: false, batchInvariant: true })).toEqual([
    '--no-prefix-caching',
    '--batch-invariant',
  ])
})
