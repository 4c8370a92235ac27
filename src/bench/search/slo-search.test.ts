import { describe, expect, test } from 'vitest'
import { Random } from '../../statistics/index.ts'
import { arrivals } from '../load/arrivals.ts'
import { backlogGrows } from './saturation.ts'
import { nextProbe, type Probe } from './slo-search.ts'
import { type Passage, passOpen, type Queue } from './testing/queue.ts'

/** What a search does with a target that holds up to `limit`, exactly. */
function searchExact(limit: number, start: number) {
  const probes: Probe[] = []
  for (;;) {
    const next = nextProbe(probes, { start })
    if (next.kind === 'done') return { probes, ...next }
    probes.push({ rate: next.rate, long: next.long, holds: next.rate <= limit })
  }
}

describe('of a target with a sharp limit', () => {
  test.each([
    [100, 75],
    [100, 5],
    [100, 3000],
    [0.31, 0.2],
    [4321, 1],
    [7, 7],
  ])('of %d, from %d on, the answer is the limit, and both its ends were probed for long', (limit, start) => {
    const { rate, above, probes } = searchExact(limit, start)
    expect(rate).toBeLessThanOrEqual(limit)
    expect(above).toBeGreaterThan(limit)
    expect(above! / rate!).toBeLessThanOrEqual(1.051)
    expect(probes.filter(({ long }) => long).map(probe => probe.rate)).toEqual([rate, above])
    expect(probes.length).toBeLessThan(22)
  })

  test('where nothing holds, it ends and says so', () => {
    const { rate, above, probes } = searchExact(0, 100)
    expect([rate, above]).toEqual([null, 0.195])
    expect(probes.length).toBe(10)
  })

  test('where nothing fails, it ends', () => {
    const { rate, above, probes } = searchExact(Number.POSITIVE_INFINITY, 1)
    expect([rate, above, probes.length]).toEqual([null, null, 24])
  })
})

test('what short probes believed, long ones overrule', () => {
  const short = (rate: number, holds: boolean): Probe => ({ rate, holds, long: false })
  const long = (rate: number, holds: boolean): Probe => ({ rate, holds, long: true })
  const history = [
    short(75, true),
    short(150, false),
    short(106, false),
    short(89, true),
    short(97, true),
    short(101, true),
  ]
  const steps: readonly (readonly [Probe, unknown])[] = [
    [short(104, false), { kind: 'probe', rate: 101, long: true }],
    // It goes back…
    [long(101, false), { kind: 'probe', rate: 90.9, long: true }],
    [long(90.9, false), { kind: 'probe', rate: 81.8, long: true }],
    // …until it holds, and halves what lies between.
    [long(81.8, true), { kind: 'probe', rate: 86.2, long: true }],
    [long(86.2, true), { kind: 'probe', rate: 88.5, long: true }],
    [long(88.5, false), { kind: 'done', rate: 86.2, above: 88.5 }],
  ]
  for (const [probe, next] of steps) {
    history.push(probe)
    expect(nextProbe(history, { start: 75 })).toEqual(next)
  }
})

test('a rate that failed for short and holds for long is no limit', () => {
  const history: Probe[] = [
    { rate: 100, holds: true, long: false },
    { rate: 104, holds: false, long: false },
    { rate: 100, holds: true, long: true },
    { rate: 104, holds: true, long: true },
  ]
  expect(nextProbe(history, { start: 75 })).toEqual({ kind: 'probe', rate: 114, long: true })
})

interface Case {
  readonly name: string
  readonly queue: (random: Random) => Queue
  readonly boundMs: number
  readonly share: number
  readonly limit: number
}

const SERVICE_MS = 10

/** Of requests per second, where `share` of them are through within the bound. */
const CASES: readonly Case[] = [
  {
    // How long requests take in M/M/1 is exponential of rate μ − λ: λ = μ + ln(1 − share)/t.
    name: 'M/M/1',
    queue: random => ({ servers: 1, service: () => random.exponential(SERVICE_MS) }),
    boundMs: 150,
    share: 0.9,
    limit: 100 + Math.log(0.1) / 0.15,
  },
  ...[1, 4].map(servers => {
    const queue = { servers, service: () => SERVICE_MS }
    const boundMs = SERVICE_MS + 15
    return { name: `M/D/${servers}`, queue: () => queue, boundMs, share: 0.95, limit: longRun(queue, boundMs, 0.95) }
  }),
]

describe.each(CASES)('of a queue $name', ({ queue, boundMs, share, limit }) => {
  test.each([1, 2, 3])('the answer is near the limit (seed %i)', seed => {
    const target = queue(new Random(seed, 99))
    const probes: Probe[] = []
    for (;;) {
      const next = nextProbe(probes, { start: 0.75 * 100 * target.servers })
      if (next.kind === 'done') {
        // A minute's probe of a queue is itself no surer.
        expect(Math.abs(next.rate! / limit - 1)).toBeLessThan(0.12)
        const truly = kept(passOpen(target, until(next.rate!, 7, 50_000 / next.rate!)), boundMs)
        expect(Math.abs(truly - share)).toBeLessThan(0.04)
        break
      }
      const { rate, long } = next
      const passages = [...passOpen(target, until(rate, seed * 100 + probes.length, long ? 60 : 10))]
      const ttft = passages.map(({ dueMs, endMs }) => endMs - dueMs)
      const grows = backlogGrows({ due: passages.map(({ dueMs }) => dueMs), ttft })
      probes.push({ rate, long, holds: kept(passages, boundMs) >= share && !grows })
    }
    expect(probes.length).toBeLessThan(20)
  })
})

function* until(rate: number, seed: number, seconds: number): Generator<number> {
  for (const due of arrivals({ kind: 'open', rate, arrivals: 'poisson' }, seed, seconds)) {
    if (due > seconds * 1000) return
    yield due
  }
}

function kept(passages: Iterable<Passage>, boundMs: number): number {
  let all = 0
  let good = 0
  for (const { dueMs, endMs } of passages) {
    all++
    if (endMs - dueMs < boundMs) good++
  }
  return good / all
}

/** The limit of a queue, by watching it for long at one rate after the other. */
function longRun(queue: Queue, boundMs: number, share: number): number {
  let [low, high] = [0, (1000 / SERVICE_MS) * queue.servers]
  while (high / low > 1.005) {
    const rate = (low + high) / 2
    if (kept(passOpen(queue, until(rate, 7, 50_000 / rate)), boundMs) >= share) low = rate
    else high = rate
  }
  return low
}
