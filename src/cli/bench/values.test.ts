import { describe, expect, it } from 'vitest'
import { lengths, objectives, proportion, runExtent } from './values.ts'

describe('lengths', () => {
  it.each([
    ['512', { kind: 'fixed', tokens: 512 }],
    [512, { kind: 'fixed', tokens: 512 }],
    ['100-500', { kind: 'uniform', min: 100, max: 500 }],
    ['normal:512,64', { kind: 'normal', mean: 512, deviation: 64 }],
    ['normal:512,64,16,1024', { kind: 'normal', mean: 512, deviation: 64, min: 16, max: 1024 }],
  ])('reads %s', (raw, expected) => {
    expect(lengths.read(raw)).toEqual(expected)
  })

  it.each([
    '',
    '0',
    '-5',
    '5.5',
    '500-100',
    '0-5',
    'normal:512',
    'normal:512,64,16',
    'normal:5,1,9,20',
    '1e3',
    '99999999',
  ])('does not read %j', raw => {
    expect(lengths.read(raw)).toBeUndefined()
  })
})

describe('runExtent', () => {
  it.each([
    ['20', { requests: 20 }],
    [0, { requests: 0 }],
    ['2s', { seconds: 2 }],
    ['500ms', { seconds: 0.5 }],
    ['2m', { seconds: 120 }],
  ])('reads %s', (raw, expected) => {
    expect(runExtent.read(raw)).toEqual(expected)
  })

  it.each(['', '-1', '2 days', 'ten'])('does not read %j', raw => {
    expect(runExtent.read(raw)).toBeUndefined()
  })
})

describe('objectives', () => {
  it.each([
    ['ttft<200ms', [{ measure: 'ttft', belowMs: 200 }]],
    [
      'ttft < 1.5s, itl<35ms',
      [
        { measure: 'ttft', belowMs: 1500 },
        { measure: 'itl', belowMs: 35 },
      ],
    ],
    ['gap<=2s', [{ measure: 'gap', belowMs: 2000 }]],
  ])('reads %s', (raw, expected) => {
    expect(objectives.read(raw)).toEqual(expected)
  })

  // Twice the same bound would leave open which of them holds.
  it.each(['', 'ttft', 'ttft<200', 'ttft>200ms', 'fast<1s', 'ttft<1s,', 'ttft<1s,ttft<2s', 'ttft<0ms'])(
    'does not read %j',
    raw => {
      expect(objectives.read(raw)).toBeUndefined()
    },
  )
})

it('reads shares', () => {
  expect(['95%', '0.95', 1, '100%'].map(proportion.read)).toEqual([0.95, 0.95, 1, 1])
  expect(['0', '120%', '-5%', 'most'].map(proportion.read)).toEqual([undefined, undefined, undefined, undefined])
})
