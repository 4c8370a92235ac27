import { expect, test } from 'vitest'
import { VirtualClock } from '../../clock/index.ts'
import { Vitals } from './vitals.ts'

test('tells what it has seen since it was asked last', async () => {
  const clock = new VirtualClock()
  await clock.advance(5)
  let idleMs = 0
  const vitals = new Vitals(clock, () => idleMs)
  try {
    const first = vitals.take()
    expect(first.atMs).toBe(5)
    idleMs = first.cpuMs
    let rest = vitals.take()
    while (rest.loopLag.length === 0) {
      await new Promise(resolve => setImmediate(resolve))
      rest = vitals.take()
    }
    // The clock stands still: what was due in 10 ms came before that.
    expect([...rest.loopLag.slice(0, 2)]).toEqual([15, 0])
    const used = process.cpuUsage()
    expect(rest.cpuMs).toBeLessThanOrEqual((used.user + used.system) / 1000 - idleMs)
  } finally {
    vitals.stop()
  }
})
