import type { GpuUsage } from '../report/bench-report.ts'
import type { CardReading } from './cards.ts'

/** What all cards said at one moment. */
export interface GpuSample {
  /** On the machine's monotonic clock. */
  readonly atMs: number
  /** One for each card. */
  readonly readings: readonly CardReading[]
}

/**
 * What the cards did between two moments. On a machine of several, those count on which a kernel ran in that time: what
 * an idle neighbour draws is no part of a token. Where none tells, all do. Memory is the most that was held at once.
 *
 * Energy is the difference of the cards' own counters, read off between their readings; of a card without one, its mean
 * power times the time.
 */
export function usageOf(
  names: readonly string[],
  samples: readonly GpuSample[],
  fromMs: number,
  toMs: number,
  outputTokens: number,
): Omit<GpuUsage, 'ofCeiling'> | null {
  const within = samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
  const inside = within.length > 0 ? within : samples.filter(sample => sample === nearest(samples, fromMs, toMs))
  if (inside.length === 0 || toMs <= fromMs) return null
  const all = names.map((_, card) => card)
  const busy = all.filter(card => inside.some(({ readings }) => (readings[card]!.utilisation ?? 0) > 0))
  const counted = busy.length > 0 ? busy : all
  const seconds = (toMs - fromMs) / 1000
  const joules = counted.map(card => joulesOf(card, samples, inside, fromMs, toMs))
  const total = joules.includes(undefined) ? undefined : sum(joules as number[])
  return {
    cards: counted.map(card => names[card]!),
    memoryBytes: Math.max(...inside.map(({ readings }) => sum(counted.map(card => readings[card]!.memoryBytes)))),
    utilisation: mean(counted.flatMap(card => inside.map(({ readings }) => readings[card]!.utilisation ?? 0))),
    watts: total === undefined ? 0 : total / seconds,
    joulesPerOutputToken: total === undefined || outputTokens <= 0 ? null : total / outputTokens,
  }
}

function joulesOf(
  card: number,
  samples: readonly GpuSample[],
  inside: readonly GpuSample[],
  fromMs: number,
  toMs: number,
): number | undefined {
  const counter = samples.flatMap(({ atMs, readings }) => {
    const { joules } = readings[card]!
    return joules === undefined ? [] : [{ atMs, joules }]
  })
  const [first, last] = [counter[0], counter.at(-1)]
  if (first !== undefined && last !== undefined && last.atMs > first.atMs) {
    const [from, to] = [Math.max(fromMs, first.atMs), Math.min(toMs, last.atMs)]
    // Of a part of the time that lies outside of what was read, as much as of the part within.
    if (to > from) return ((valueAt(counter, to) - valueAt(counter, from)) * (toMs - fromMs)) / (to - from)
  }
  const watts = inside.flatMap(({ readings }) => readings[card]!.watts ?? [])
  return watts.length === 0 ? undefined : (mean(watts) * (toMs - fromMs)) / 1000
}

/** Between two readings the counter is taken to grow evenly. */
function valueAt(counter: readonly { readonly atMs: number; readonly joules: number }[], atMs: number): number {
  const after = Math.max(
    1,
    counter.findIndex(each => each.atMs >= atMs),
  )
  const [low, high] = [counter[after - 1]!, counter[after]!]
  return low.joules + ((high.joules - low.joules) * (atMs - low.atMs)) / (high.atMs - low.atMs)
}

/** Of a time that is shorter than the period, the last reading before its end, else the first. */
function nearest(samples: readonly GpuSample[], fromMs: number, toMs: number): GpuSample | undefined {
  return (
    samples.findLast(({ atMs }) => atMs <= toMs && atMs >= fromMs - 1000) ?? samples.find(({ atMs }) => atMs >= toMs)
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length
}
