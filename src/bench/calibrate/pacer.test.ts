import { expect, test } from 'vitest'
import { VirtualClock } from '../../clock/index.ts'
import { Pacer } from './pacer.ts'

test('each goes on in its own time, as long as it wants to', async () => {
  const clock = new VirtualClock()
  const pacer = new Pacer(clock)
  const seen: [string, number][] = []
  const begin = (name: string, ms: number, times: number) =>
    pacer.every(ms, () => {
      seen.push([name, clock.now()])
      return --times > 0
    })
  begin('slow', 20, 2)
  begin('quick', 5, 3)
  await clock.advance(7)
  begin('late', 5, 2)
  await clock.advance(1000)
  expect(seen).toEqual([
    ['quick', 5],
    ['quick', 10],
    ['late', 12],
    ['quick', 15],
    ['late', 17],
    ['slow', 20],
    ['slow', 40],
  ])
})

test('lateness does not add up', () => {
  let now = 0
  let alarm: (() => void) | undefined
  const due: number[] = []
  const pacer = new Pacer({
    now: () => now,
    at: (time, run) => {
      due.push(time)
      alarm = run
      return () => {}
    },
  })
  pacer.every(10, () => true)
  for (const lateness of [3, 0, 7]) {
    now = due.at(-1)! + lateness
    alarm!()
  }
  expect(due).toEqual([10, 20, 30, 40])
})

test('beats that are dense share alarms, and none comes before its time', async () => {
  const clock = new VirtualClock()
  let alarms = 0
  const counting = {
    now: () => clock.now(),
    at: (time: number, run: () => void) =>
      clock.at(time, () => {
        alarms++
        run()
      }),
  }
  const pacer = new Pacer(counting)
  const lateness: number[] = []
  for (let i = 0; i < 1000; i++) {
    const due = clock.now() + 100
    pacer.every(100, () => {
      lateness.push(clock.now() - due)
      return false
    })
    await clock.advance(0.01)
  }
  await clock.advance(200)
  expect(lateness).toHaveLength(1000)
  expect(Math.min(...lateness)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...lateness)).toBeLessThan(0.26)
  // 10 ms of them.
  expect(alarms).toBeLessThan(45)
})
