import { expect, test } from 'vitest'
import { machineMs, systemClock, VirtualClock } from '../../clock/index.ts'
import { RunClock } from './run-clock.ts'

test('counts from the start of a run', async () => {
  const clock = new VirtualClock()
  const run = new RunClock(clock, 100)
  const seen: number[] = []
  run.at(5, () => seen.push(run.now()))
  const cancel = run.at(7, () => seen.push(run.now()))
  cancel()
  await clock.advance(200)
  expect(seen).toEqual([5])
  expect(run.now()).toBe(100)
})

test('the machine has one clock, however late a process began', () => {
  const before = Number(process.hrtime.bigint()) / 1e6
  const now = machineMs()
  const after = Number(process.hrtime.bigint()) / 1e6
  // A double holds times since the machine's start to less than that.
  const precision = 0.01
  expect(now).toBeGreaterThan(before - precision)
  expect(now).toBeLessThan(after + precision)
  const run = RunClock.ofMachine(systemClock, before)
  const since = run.now()
  expect(since).toBeGreaterThan(-precision)
  expect(since).toBeLessThan(machineMs() - before + precision)
})
