import type { LengthSpec, LoadSpec, RunExtent, RunSpec, WorkSpec } from '../../bench/index.ts'
import { significant } from '../table.ts'

/** e.g. `closed loop, 8 users`, `open loop, 4 requests/s (poisson)`. */
export function describeLoad(load: LoadSpec): string {
  if (load.kind === 'closed') return `closed loop, ${count(load.concurrency, 'user')}`
  if (load.kind === 'trace') return `replay of ${load.path}${(load.speed ?? 1) === 1 ? '' : ` at ${load.speed} ×`}`
  const { rate, rampFrom, arrivals, burstiness, maxInFlight } = load
  const from = rampFrom === undefined ? '' : `${rampFrom} to `
  const kind = arrivals === 'gamma' ? `gamma, burstiness ${burstiness ?? 1}` : arrivals
  const bound = maxInFlight === undefined ? '' : `, at most ${maxInFlight} at once`
  return `open loop, ${from}${significant(rate)} requests/s (${kind})${bound}`
}

/** e.g. `prompts of 128 tokens, answers of 64`. */
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

export function describeExtents({ warmUp, measure }: Pick<RunSpec, 'warmUp' | 'measure'>): string {
  return `${describeExtent(warmUp)} to warm up, ${describeExtent(measure)} measured`
}

function describeExtent(extent: RunExtent): string {
  return 'seconds' in extent ? `${extent.seconds} s` : count(extent.requests, 'request')
}

function describeLength(length: LengthSpec): string {
  if (length.kind === 'fixed') return String(length.tokens)
  return length.kind === 'uniform' ? `${length.min}–${length.max}` : `${length.mean} ± ${length.deviation}`
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
