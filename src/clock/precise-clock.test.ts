import { expect, test } from 'vitest'
import { preciseClock } from './precise-clock.ts'

test('runs in order of time, none before its own, also once its thread has started', async () => {
  const clock = preciseClock()
  for (let round = 0; round < 20; round++) {
    const seen: number[] = []
    const start = clock.now()
    const times = [start + 4.3, start + 0.1, start + 2.2, start - 1, start + 2.1]
    await new Promise<void>(resolve => {
      for (const time of times)
        clock.at(time, () => {
          expect(clock.now()).toBeGreaterThanOrEqual(time)
          if (seen.push(time) === times.length) resolve()
        })
    })
    expect(seen).toEqual([...times].sort((a, b) => a - b))
  }
})

test('what is cancelled does not run, wherever it stands', async () => {
  const clock = preciseClock()
  const start = clock.now()
  const ran: string[] = []
  const alarm = (name: string, after: number) => clock.at(start + after, () => ran.push(name))
  const cancels = [alarm('first', 1), alarm('second', 2), alarm('third', 3)]
  alarm('fourth', 4)
  cancels[0]!()
  cancels[2]!()
  cancels[2]!()
  await new Promise<void>(resolve => clock.at(start + 6, resolve))
  expect(ran).toEqual(['second', 'fourth'])
})

test('an alarm may set the next', async () => {
  const clock = preciseClock()
  let left = 30
  await new Promise<void>(resolve => {
    const next = () => (left-- === 0 ? resolve() : void clock.at(clock.now() + 0.4, next))
    next()
  })
  expect(left).toBe(-1)
})

test('tells how much of its time was to spare', async () => {
  const clock = preciseClock()
  const start = clock.now()
  expect(clock.polledMs).toBe(0)
  let seen = 0
  for (let i = 0; seen === 0 && i < 100; i++) {
    await new Promise<void>(resolve => clock.at(clock.now() + 0.2, resolve))
    seen = clock.polledMs
  }
  expect(seen).toBeGreaterThan(0)
  expect(seen).toBeLessThanOrEqual(clock.now() - start)
})
