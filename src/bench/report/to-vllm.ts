import type { LoadSpec } from '../load/load.ts'
import type { Distribution } from '../measures/measures.ts'
import type { RunReport } from './bench-report.ts'
import { peakConcurrency, peakTokensPerSecond } from './peaks.ts'

/**
 * A run as `vllm bench serve --save-result` would have saved it, for programs that read such files: one line, as several may
 * stand in one file. The names are
 * vLLM's, the figures are ours: `ttft` and `e2el` count from when a request was due and not from when it was sent,
 * `ttft` ends with the first text and not with a chunk that names the role, `tpot` divides the time from the first text
 * to the last and not to the stream's end, and deviations are of a sample. Percentiles are here even where too few
 * requests stand behind them for our own report.
 */
export function toVllm(run: RunReport): string {
  const { measures, spec, series, info } = run
  const { requests, tokens, goodput } = measures
  const file = {
    date: run.startedAt.replace(/[-:]|\..*$/g, '').replace('T', '-'),
    endpoint_type: 'warpline',
    backend: 'warpline',
    label: run.label,
    model_id: info.model,
    tokenizer_id: info.model,
    num_prompts: requests.offered,
    ...traffic(spec.load),
    duration: requests.seconds,
    completed: requests.ok,
    failed: requests.failed,
    total_input_tokens: tokens.prompt,
    total_output_tokens: tokens.output,
    request_throughput: requests.perSecond.value,
    request_goodput: goodput?.perSecond ?? null,
    output_throughput: tokens.outputPerSecond.value,
    total_token_throughput: tokens.totalPerSecond.value,
    max_output_tokens_per_s: peakTokensPerSecond(series),
    max_concurrent_requests: peakConcurrency(run.samples),
    ...latency('ttft', measures.ttft, series.quantiles.ttft),
    ...latency('tpot', measures.tpot, series.quantiles.tpot),
    ...latency('itl', measures.itl, series.quantiles.itl),
    ...latency('e2el', measures.e2e, series.quantiles.e2e),
  }
  return `${JSON.stringify(file)}\n`
}

function traffic(load: LoadSpec): Record<string, unknown> {
  const open = load.kind === 'open' ? load : undefined
  return {
    request_rate: open?.rate ?? 'inf',
    burstiness: open?.arrivals === 'constant' ? 'inf' : (open?.burstiness ?? 1),
    max_concurrency: load.kind === 'closed' ? load.concurrency : (open?.maxInFlight ?? null),
    ...(open?.rampFrom !== undefined && {
      ramp_up_strategy: 'linear',
      ramp_up_start_rps: open.rampFrom,
      ramp_up_end_rps: open.rate,
    }),
  }
}

function latency(name: string, { mean, deviation }: Distribution, curve: readonly number[]): Record<string, number> {
  return {
    [`mean_${name}_ms`]: known(mean.value),
    [`median_${name}_ms`]: known(curve[share(curve, 0.5)]),
    [`std_${name}_ms`]: known(deviation),
    [`p99_${name}_ms`]: known(curve[share(curve, 0.99)]),
  }
}

function share(curve: readonly number[], q: number): number {
  return Math.round((curve.length - 1) * q)
}

/** Of nothing, vLLM says 0. */
function known(ms: number | undefined): number {
  return ms !== undefined && Number.isFinite(ms) ? ms : 0
}
