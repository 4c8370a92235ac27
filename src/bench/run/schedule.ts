import type { LoadSpec } from '../load/load.ts'
import type { Extent, RunSpec } from './run.ts'

/** Nothing is known of how long an answer takes before there is one: a ramp by requests waits no longer, in ms. */
const LONGEST_RAMP_MS = 2000

/**
 * Over how long a closed loop's slots begin at most: within the first half of a warm-up. Where not all of them begin
 * within it they begin at once, since what is measured is so many slots.
 */
export function rampMs({ load, warmUp }: Pick<RunSpec, 'load' | 'warmUp'>): number {
  if (load.kind !== 'closed') return 0
  if ('seconds' in warmUp) return (warmUp.seconds * 1000) / 2
  return warmUp.requests >= load.concurrency ? LONGEST_RAMP_MS : 0
}

/**
 * Whether several clients must agree on when it begins to count: each knows when it has made its warm-up's requests, and
 * seconds are counted from one moment. An open load's requests are numbered in every client.
 */
export function mustAgree(
  { load, warmUp, measure }: Pick<RunSpec, 'load' | 'warmUp' | 'measure'>,
  clients: number,
): boolean {
  return clients > 1 && load.kind === 'closed' && 'requests' in warmUp && 'seconds' in measure
}

/** How long a run is meant to last; of a closed loop by requests nobody knows. */
export function expectedSeconds({ load, warmUp, measure }: Pick<RunSpec, 'load' | 'warmUp' | 'measure'>): number {
  return secondsOf(warmUp, load) + secondsOf(measure, load)
}

function secondsOf(extent: Extent, load: LoadSpec): number {
  if ('seconds' in extent) return extent.seconds
  if (load.kind !== 'open') return Number.POSITIVE_INFINITY
  return extent.requests / (((load.rampFrom ?? load.rate) + load.rate) / 2)
}
