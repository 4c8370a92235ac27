import { expect, test } from 'vitest'
import { Line } from './line.ts'

const NEVER = Number.POSITIVE_INFINITY

/** Joins `count` times, evenly spread over `during` ms; by whole seconds, how many were told to come then. */
function joined(line: Line, count: number, during: number, ms: number) {
  return Array.from({ length: count }, (_, i) => {
    const now = (during * i) / count
    const wait = line.join(ms, now, 1000, NEVER)!
    return { wait, at: now + wait }
  })
}

function countBy(values: readonly number[], size: number): number[] {
  const counts: number[] = []
  for (const value of values) counts[Math.floor(value / size)] = (counts[Math.floor(value / size)] ?? 0) + 1
  return counts.filter(count => count > 0)
}

test('whoever joins is told whole seconds, and nobody is told less than the earliest', () => {
  for (const { wait } of joined(new Line(), 500, 700, 13)) {
    expect(wait % 1000).toBe(0)
    expect(wait).toBeGreaterThanOrEqual(1000)
  }
})

test('ten times too much in a second comes back evenly in the ten that follow', () => {
  const line = new Line()
  const times = joined(line, 1000, 1000, 10).map(({ at }) => at)
  // 100 fit into a second; each tenth of each second gets 10.
  for (const count of countBy(times, 100).slice(0, -10)) expect(Math.abs(count - 10)).toBeLessThanOrEqual(1)
  expect(Math.max(...times)).toBeLessThan(12_100)
})

test('what takes longer than a tenth of a second stands in one line', () => {
  const times = joined(new Line(), 20, 1000, 500).map(({ at }) => at)
  expect(Math.max(...times)).toBeGreaterThan(10_000)
  for (const count of countBy(times, 1000)) expect(count).toBeLessThanOrEqual(3)
})

test('who would come too late is not in line', () => {
  const line = new Line()
  expect(line.join(50_000, 0, 0, 10_000)).toBeUndefined()
  expect(line.join(Number.POSITIVE_INFINITY, 0, 0, 10_000)).toBeUndefined()
  expect(line.join(10, 0, 0, 10_000)).toBe(0)
})

test('an empty line is as if nobody had ever stood in it', () => {
  const line = new Line()
  joined(line, 100, 1000, 100)
  expect(line.join(10, 100_000, 1000, NEVER)).toBe(1000)
})
