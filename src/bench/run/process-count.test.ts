import { expect, test } from 'vitest'
import { processCount } from './process-count.ts'
import type { RunSpec } from './run.ts'
import { isHere } from './target-kind.ts'

const HERE = 'http://127.0.0.1:8090'
const THERE = 'http://gpu-1:8090'
const closed = (concurrency: number) => ({ kind: 'closed', concurrency }) as const
const open = (rate: number, maxInFlight?: number) =>
  ({ kind: 'open', rate, arrivals: 'poisson', ...(maxInFlight && { maxInFlight }) }) as const

test.each<[string, string, RunSpec['load'], number | undefined, number, number]>([
  ['what computes in process has one', 'mock:', closed(512), undefined, 16, 1],
  ['…though more are asked for', 'ember', closed(512), 8, 16, 1],
  ['few users need one', HERE, closed(8), undefined, 16, 1],
  ['many need more', THERE, closed(512), undefined, 16, 15],
  ['a target here needs cores too', HERE, closed(512), undefined, 16, 8],
  ['two cores: one of them', HERE, closed(512), undefined, 2, 1],
  ['a high rate needs more', THERE, open(4000), undefined, 16, 4],
  ['as many as are asked for', HERE, closed(64), 2, 2, 2],
  ['no more than users', HERE, closed(3), 8, 2, 3],
  ['no more than may be under way', HERE, open(4000, 2), undefined, 64, 2],
  ['a trace needs one', HERE, { kind: 'trace', path: 'trace.jsonl' }, undefined, 64, 1],
])('%s', (_, target, load, processes, cores, expected) => {
  expect(processCount({ target, load, ...(processes && { processes }) } as RunSpec, cores)).toBe(expected)
})

test.each([
  ['mock:', true],
  ['/models/ember', true],
  ['http://localhost:80/v1', true],
  ['https://user:password@127.8.0.1', true],
  ['http://[::1]:8090', true],
  ['http://127.0.0.1.example.com', false],
  ['http://10.0.0.7:8090', false],
])('%s is here: %s', (target, here) => {
  expect(isHere(target)).toBe(here)
})
