import type { LoadSpec } from '../load/load.ts'
import type { Extent } from '../run/run.ts'
import type { LengthSpec, WorkSpec } from '../work/work.ts'

/** e.g. `closed loop, 8 at once`, `open loop, 4 requests/s, Poisson`. */
export function describeLoad(load: LoadSpec): string {
  if (load.kind === 'closed') return `closed loop, ${load.concurrency} at once`
  if (load.kind === 'trace')
    return `replay of ${load.path}${(load.speed ?? 1) === 1 ? '' : `, ${load.speed} × as fast`}`
  const { rate, rampFrom, arrivals, burstiness = 1, maxInFlight } = load
  return [
    `open loop, ${rampFrom === undefined ? '' : `${rampFrom} to `}${rate} requests/s`,
    arrivals === 'gamma' ? `gamma arrivals of burstiness ${burstiness}` : `${arrivals} arrivals`,
    ...(maxInFlight === undefined ? [] : [`at most ${maxInFlight} at once`]),
  ].join(', ')
}

/** e.g. `prompts of 512 tokens as chat, answers of 64`. */
export function describeWork(work: WorkSpec): string {
  if (work.kind === 'file') return `prompts of ${work.path}`
  const { prompt, output, sharedPrefix = 0, prefixes = 1, turns = 1, as } = work
  return [
    `prompts of ${describeLength(prompt)} tokens as ${as}`,
    ...(sharedPrefix > 0 ? [`${sharedPrefix} of them shared${prefixes > 1 ? ` (${prefixes} prefixes)` : ''}`] : []),
    `answers of ${describeLength(output)}`,
    ...(turns > 1 ? [`${turns} turns`] : []),
  ].join(', ')
}

export function describeExtent(extent: Extent): string {
  if ('seconds' in extent) return `${extent.seconds} s`
  return `${extent.requests} request${extent.requests === 1 ? '' : 's'}`
}

function describeLength(length: LengthSpec): string {
  if (length.kind === 'fixed') return String(length.tokens)
  return length.kind === 'uniform' ? `${length.min}–${length.max}` : `${length.mean} ± ${length.deviation}`
}
