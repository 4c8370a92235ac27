import { describe, expect, test } from 'vitest'
import { Phases } from './phases.ts'
import type { Extent } from './run.ts'

const w = 'warm-up'
const m = 'measure'
const c = 'cool-down'

describe('which part of a run a request belongs to', () => {
  test.each<[string, Extent, Extent, readonly string[]]>([
    ['by time', { seconds: 0.02 }, { seconds: 0.03 }, [w, w, m, m, m, c]],
    ['by how many there were', { requests: 1 }, { requests: 2 }, [w, m, m, c, c, c]],
    ['seconds from the end of so many requests on', { requests: 1 }, { seconds: 0.03 }, [w, m, m, m, c, c]],
    ['requests from a time on', { seconds: 0.02 }, { requests: 2 }, [w, w, m, m, c, c]],
    ['without a warm-up by requests', { requests: 0 }, { requests: 2 }, [m, m, c, c, c, c]],
    ['without a warm-up by time', { seconds: 0 }, { seconds: 0.01 }, [m, c, c, c, c, c]],
    ['nothing at all', { seconds: 0 }, { requests: 0 }, [c, c, c, c, c, c]],
  ])('%s', (_, warmUp, measure, expected) => {
    const phases = new Phases({ warmUp, measure })
    expect([0, 10, 20, 30, 40, 50].map(dueMs => phases.take(dueMs))).toEqual(expected)
  })

  test('who must agree with others goes on warming up until it is told', () => {
    let warm = 0
    const phases = new Phases({ warmUp: { requests: 1 }, measure: { seconds: 0.02 }, onWarm: () => warm++ })
    expect([0, 10, 20].map(dueMs => phases.take(dueMs))).toEqual([w, w, w])
    expect(warm).toBe(1)
    expect(phases.toMs).toBe(Number.POSITIVE_INFINITY)
    phases.measureFrom(35)
    expect([30, 40, 50, 60].map(dueMs => phases.take(dueMs))).toEqual([w, m, m, c])
    expect(phases.toMs).toBe(55)
  })

  test('a later turn goes by its own time, or with its dialogue where requests are counted', () => {
    const bySeconds = new Phases({ warmUp: { seconds: 0.02 }, measure: { seconds: 0.03 } })
    expect([10, 20, 50].map(dueMs => bySeconds.follow(w, dueMs))).toEqual([w, m, c])
    const byRequests = new Phases({ warmUp: { requests: 1 }, measure: { requests: 2 } })
    expect(byRequests.follow(m, 1e6)).toBe(m)
  })
})

describe('it is over', () => {
  test('when so many requests have ended, whatever else is under way', () => {
    const phases = new Phases({ warmUp: { requests: 0 }, measure: { requests: 2 } })
    phases.begin(phases.take(0))
    phases.end(m)
    expect(phases.isOver(5)).toBe(false)
    phases.begin(phases.take(5))
    phases.begin(phases.take(6))
    expect(phases.isOver(6)).toBe(false)
    phases.end(m)
    expect(phases.isOver(7)).toBe(true)
  })

  test('when its time is and what was due in it has ended', () => {
    const phases = new Phases({ warmUp: { seconds: 0 }, measure: { seconds: 0.01 } })
    expect(phases.isOver(9.9)).toBe(false)
    expect(phases.isOver(10)).toBe(true)
    phases.begin(phases.take(9))
    expect(phases.isOver(50)).toBe(false)
    phases.end(m)
    expect(phases.isOver(50)).toBe(true)
  })
})
