import { Random } from '../../../statistics/index.ts'
import type { RequestRecord } from '../../record/request-record.ts'

export interface SampleSettings {
  readonly seed: number
  readonly concurrency: number
  readonly seconds: number
  /** Everything stands still from here, so long. */
  readonly stall?: { readonly atMs: number; readonly forMs: number }
  /** The share of requests that fail. */
  readonly errors?: number
  readonly outputTokens?: number
}

const WARM_UP_MS = 3000

/** What a closed loop might record of a server that batches: the more there are, the longer the steps. */
export function sampleRecords(settings: SampleSettings): RequestRecord[] {
  const records = Array.from({ length: settings.concurrency }, (_, user) => userRecords(settings, user)).flat()
  return records.sort((a, b) => a.dueMs - b.dueMs)
}

function userRecords(settings: SampleSettings, user: number): RequestRecord[] {
  const { concurrency, seconds, errors = 0, outputTokens = 64 } = settings
  const random = new Random(settings.seed, user)
  const records: RequestRecord[] = []
  const endMs = WARM_UP_MS + seconds * 1000
  let now = random.next() * 5
  for (let turn = 0; now < endMs; turn++) {
    const dueMs = now
    const sentMs = dueMs + random.exponential(0.05)
    const tokens = Math.max(2, Math.round(random.normal(outputTokens, outputTokens / 5)))
    const step = () => (8 + 0.35 * concurrency) * (1 + 0.12 * random.normal()) + (random.next() < 0.01 ? 25 : 0)
    let at = sentMs + 22 + random.gamma(2, 3 + 0.8 * concurrency)
    const arrivals: number[] = []
    for (let i = 0; i < tokens; i++) {
      at = afterStall(at, settings)
      arrivals.push(at)
      at += Math.max(0.2, step())
    }
    const failed = random.next() < errors
    if (failed) arrivals.length = Math.floor(random.next() * 5)
    const lastMs = failed ? (arrivals.at(-1) ?? sentMs + 30) : arrivals.at(-1)! + 0.4
    records.push({
      id: `bench-${user}-${turn}`,
      index: user + turn * concurrency,
      turn: 0,
      phase: dueMs < WARM_UP_MS ? 'warm-up' : 'measure',
      dueMs,
      sentMs,
      startMs: failed ? null : arrivals[0]! - 0.2,
      endMs: lastMs,
      arrivalsMs: Float64Array.from(arrivals),
      arrivalTokens: new Uint32Array(arrivals.length).fill(1),
      promptTokens: 512,
      cachedTokens: 64,
      outputTokens: arrivals.length,
      askedTokens: failed ? tokens : arrivals.length,
      outcome: failed ? (random.next() < 0.7 ? 'overloaded' : 'internal') : 'ok',
      ...(failed
        ? { error: 'the queue is full: 256 requests wait; come back in 2 s' }
        : { finishReason: 'length' as const }),
    })
    now = lastMs + 0.1
  }
  return records
}

function afterStall(at: number, { stall }: SampleSettings): number {
  if (!stall || at < stall.atMs || at >= stall.atMs + stall.forMs) return at
  return stall.atMs + stall.forMs
}
