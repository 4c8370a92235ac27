import type { Measures } from '../measures/measures.ts'
import type { GpuUsage } from '../report/bench-report.ts'
import type { RunResult } from '../run/run.ts'
import type { GpuSampler } from './gpu-sampler.ts'
import { shareOfCeiling } from './share-of-ceiling.ts'

/** What this machine's cards did for a run; null where none is there, or another machine's or none computed. */
export function gpuUsage(
  sampler: GpuSampler | undefined,
  result: RunResult,
  { tokens }: Pick<Measures, 'tokens'>,
): GpuUsage | null {
  const { window, clockStartMs, spec, info } = result
  if (sampler === undefined || clockStartMs === undefined || !mayComputeHere(spec.target, info.backend)) return null
  // Energy is of the window: so are the tokens, whosever they are.
  const outputTokens = (tokens.steadyPerSecond * (window.toMs - window.fromMs)) / 1000
  const usage = sampler.usage(clockStartMs + window.fromMs, clockStartMs + window.toMs, outputTokens)
  return usage && { ...usage, ofCeiling: shareOfCeiling(result, usage.cards) }
}

/** A server elsewhere has cards of its own; a clock that pretends, and a CPU, have none. */
function mayComputeHere(target: string, backend: string): boolean {
  if (!/^(https?|wire):/.test(target)) return !/^(mock|native\/cpu)/.test(backend)
  const { hostname } = new URL(target)
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)
}
