import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { kolmogorovSmirnov, normalCdf } from '../../statistics/index.ts'
import { arrivals } from './arrivals.ts'
import type { OpenLoad } from './load.ts'

const SEEDS = [1, 2, 3, 4, 5]
const COUNT = 20_000

type Cdf = (x: number) => number

/** Gaps in units of their mean. */
const LOADS: readonly (readonly [name: string, load: OpenLoad, gaps: Cdf])[] = [
  ['poisson', { kind: 'open', rate: 250, arrivals: 'poisson' }, x => 1 - Math.exp(-x)],
  ['gamma of shape 1', { kind: 'open', rate: 3, arrivals: 'gamma' }, x => 1 - Math.exp(-x)],
  ['bursty gamma', { kind: 'open', rate: 40, arrivals: 'gamma', burstiness: 0.5 }, chiSquare],
  ['steady gamma', { kind: 'open', rate: 40, arrivals: 'gamma', burstiness: 4 }, x => erlang(4, 4 * x)],
]

describe.each(LOADS)('%s', (_, load, cdf) => {
  test.each(SEEDS)('gaps are distributed as they should be (seed %i)', seed => {
    const gaps = gapsOf(take(arrivals(load, seed, 10), COUNT), load.rate)
    expect(kolmogorovSmirnov(gaps, cdf).p).toBeGreaterThan(0.001)
  })

  test.each(SEEDS)('so they are on a ramp, once its rate is taken out (seed %i)', seed => {
    const seconds = 20_000 / load.rate
    const times = take(arrivals({ ...load, rampFrom: load.rate / 4 }, seed, seconds), COUNT)
    const units = times.map(ms => expected(ms / 1000, load.rate / 4, load.rate, seconds) * 1000)
    expect(kolmogorovSmirnov(gapsOf(units, 1), cdf).p).toBeGreaterThan(0.001)
  })
})

test('the test would notice another distribution', () => {
  const gaps = gapsOf(take(arrivals({ kind: 'open', rate: 9, arrivals: 'gamma', burstiness: 0.9 }, 1, 10), COUNT), 9)
  expect(kolmogorovSmirnov(gaps, x => 1 - Math.exp(-x)).p).toBeLessThan(0.001)
})

test('constant arrivals keep exact distance and do not drift', () => {
  const times = take(arrivals({ kind: 'open', rate: 300, arrivals: 'constant' }, 1, 10), 300_001)
  expect(times.slice(0, 4)).toEqual([0, 1000 / 300, 2000 / 300, 10])
  expect(times.at(-1)).toBe(1_000_000)
})

test('a ramp brings half of both rates, then stays', () => {
  const load: OpenLoad = { kind: 'open', rate: 100, arrivals: 'constant', rampFrom: 0 }
  const times = take(arrivals(load, 1, 10), 700)
  expect(times.filter(ms => ms < 10_000)).toHaveLength(500)
  expect(times[500]).toBeCloseTo(10_000)
  expect(times[501]! - times[500]!).toBeCloseTo(10)
  const first = times.filter(ms => ms < 5000).length
  expect(first).toBe(125)
})

test('a ramp may lead down', () => {
  const load: OpenLoad = { kind: 'open', rate: 10, arrivals: 'constant', rampFrom: 90 }
  const times = take(arrivals(load, 1, 10), 510)
  expect(times.filter(ms => ms < 10_000)).toHaveLength(500)
  expect(times[501]! - times[500]!).toBeCloseTo(100)
})

test('the same seed gives the same times in every process, another seed others', () => {
  const load: OpenLoad = { kind: 'open', rate: 50, arrivals: 'poisson' }
  const times = (seed: number) => take(arrivals(load, seed, 10), 1000)
  const shares = [0, 1, 2].map(share => times(7).filter((_, index) => index % 3 === share))
  expect(shares.flat().sort((a, b) => a - b)).toEqual(times(7))
  expect(times(8)).not.toEqual(times(7))
})

test.each([
  [{ kind: 'open', rate: 0, arrivals: 'poisson' }, "a load's rate cannot be 0"],
  [{ kind: 'open', rate: Number.NaN, arrivals: 'poisson' }, "a load's rate cannot be NaN"],
  [{ kind: 'open', rate: 1, arrivals: 'gamma', burstiness: -1 }, "a load's burstiness cannot be -1"],
  [{ kind: 'open', rate: 1, arrivals: 'gamma', rampFrom: -1 }, "a load's rampFrom cannot be -1"],
] as const)('%j is refused', (load, message) => {
  expect(() => arrivals(load, 1, 10)).toThrow(expect.objectContaining({ code: 'invalid_request', message }))
})

describe('a trace', () => {
  test('comes as it was recorded, from its first request on, and ends', () => {
    const path = file(
      '# a trace\n{"timestamp": 500, "input_length": 10, "output_length": 5}\r\n\n{"timestamp":700,"input_length":1,"output_length":2,"hash_ids":[1]}',
    )
    expect([...arrivals({ kind: 'trace', path }, 1, 10)]).toEqual([0, 200])
    expect([...arrivals({ kind: 'trace', path, speed: 4 }, 1, 10)]).toEqual([0, 50])
  })

  test.each([
    ['', 'FILE: it holds no requests'],
    ['{"timestamp": 1', /^FILE:1: no JSON: /],
    ['\n\n{"input_length": 1}', /^FILE:3: timestamp is missing: a line is /],
    ['{"timestamp": -1}', 'FILE:1: timestamp must be a number from 0 on'],
    ['{"timestamp": 0, "input_length": 0.5, "output_length": 1}', 'FILE:1: input_length must be a number from 1 on'],
    [
      '{"timestamp": 0, "input_length": 1.5, "output_length": 1}',
      'FILE:1: input_length must be a whole number of tokens',
    ],
    [
      '{"timestamp": 0, "input_length": 1, "output_length": 1, "hash_ids": ["a"]}',
      'FILE:1: hash_ids must be a list of whole numbers',
    ],
    [
      '{"timestamp": 9, "input_length": 1, "output_length": 1}\n{"timestamp": 8}',
      'FILE:2: timestamp 8 is before 9 of the request above: sort the trace by time',
    ],
  ])('%j is refused before anything is sent', (text, message) => {
    const path = file(text)
    const said = errorOf(() => arrivals({ kind: 'trace', path }, 1, 10)).replace(path, 'FILE')
    if (typeof message === 'string') expect(said).toBe(message)
    else expect(said).toMatch(message)
  })

  test('a file that is not there is said to be so', () => {
    expect(errorOf(() => arrivals({ kind: 'trace', path: '/nowhere/t.jsonl' }, 1, 10))).toBe(
      '/nowhere/t.jsonl: there is no such file',
    )
  })
})

function take(times: Iterator<number>, count: number): number[] {
  return Array.from({ length: count }, () => times.next().value)
}

function gapsOf(times: readonly number[], rate: number): number[] {
  return times.map((time, i) => ((time - (times[i - 1] ?? 0)) * rate) / 1000)
}

/** How much a ramp brings by then. */
function expected(t: number, from: number, to: number, seconds: number): number {
  const within = Math.min(t, seconds)
  return from * within + ((to - from) * within * within) / (2 * seconds) + to * (t - within)
}

/** Of chi-square with one degree of freedom, which gamma of shape 1/2 and mean 1 is. */
function chiSquare(x: number): number {
  return 2 * normalCdf(Math.sqrt(x)) - 1
}

function erlang(shape: number, x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; k < shape; k++) sum += term *= x / k
  return 1 - Math.exp(-x) * sum
}

function errorOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing was thrown'
}

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'warpline-trace-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'trace.jsonl')
  writeFileSync(path, text)
  return path
}
