import { type Cell, csvText } from '../csv-text.ts'
import type { Distribution, Estimate, Measures } from '../measures/measures.ts'
import type { BenchReport, RunReport } from './bench-report.ts'

type Columns = Readonly<Record<string, (of: { report: BenchReport; run: RunReport }) => Cell>>

const HEAD: Columns = {
  date: ({ report }) => report.date,
  commit: ({ report }) => report.commit,
  kind: ({ report }) => report.kind,
  cpu: ({ report }) => report.machine.cpu,
  started_at: ({ run }) => run.startedAt,
  target: ({ run }) => run.spec.target,
  model: ({ run }) => run.info.model,
  backend: ({ run }) => run.info.backend,
  weights: ({ run }) => run.info.weightType,
  label: ({ run }) => run.label,
}

const VERDICT: Columns = {
  valid: ({ run }) => run.verdict.valid,
  reasons: ({ run }) => run.verdict.reasons.join(' '),
  cut_short: ({ run }) => run.cutShort,
}

const COUNTS: Columns = {
  offered: ({ run }) => run.measures.requests.offered,
  ok: ({ run }) => run.measures.requests.ok,
  failed: ({ run }) => run.measures.requests.failed,
  errors: ({ run }) => pairs(run.measures.requests.errors),
  seconds: ({ run }) => run.measures.requests.seconds,
  ...estimate('requests_per_second', ({ requests }) => requests.perSecond),
  prompt_tokens: ({ run }) => run.measures.tokens.prompt,
  cached_tokens: ({ run }) => run.measures.tokens.cached,
  output_tokens: ({ run }) => run.measures.tokens.output,
  ...estimate('output_tokens_per_second', ({ tokens }) => tokens.outputPerSecond),
  ...estimate('total_tokens_per_second', ({ tokens }) => tokens.totalPerSecond),
  steady_tokens_per_second: ({ run }) => run.measures.tokens.steadyPerSecond,
  odd_lengths: ({ run }) => run.measures.tokens.oddLengths,
  goodput_per_second: ({ run }) => run.measures.goodput?.perSecond,
  goodput_share: ({ run }) => run.measures.goodput?.share,
}

const LATENCIES: Columns = {
  ...distribution('ttft_ms', ({ ttft }) => ttft),
  ...distribution('ttft_from_sent_ms', ({ ttftFromSent }) => ttftFromSent),
  ...distribution('tpot_ms', ({ tpot }) => tpot),
  ...distribution('itl_ms', ({ itl }) => itl),
  ...distribution('largest_gap_ms', ({ largestGap }) => largestGap),
  ...distribution('e2e_ms', ({ e2e }) => e2e),
  ...distribution('client_queue_ms', ({ clientQueue }) => clientQueue),
}

const REST: Columns = {
  gpu: ({ run }) => run.gpu?.cards.join(' + '),
  gpu_memory_bytes: ({ run }) => run.gpu?.memoryBytes,
  gpu_utilisation: ({ run }) => run.gpu?.utilisation,
  gpu_watts: ({ run }) => run.gpu?.watts,
  joules_per_output_token: ({ run }) => run.gpu?.joulesPerOutputToken,
  of_ceiling: ({ run }) => run.gpu?.ofCeiling?.share,
  bound: ({ run }) => run.gpu?.ofCeiling?.bound,
  client_processes: ({ run }) => run.client.processes,
  client_cpu: ({ run }) => run.client.cpu,
  send_lag_p99_ms: ({ run }) => run.client.sendLag.p99,
  loop_lag_p99_ms: ({ run }) => run.client.loopLag.p99,
  gc_ms: ({ run }) => run.client.gcMs,
  unsent: ({ run }) => run.client.unsent,
}

/** A line for each run, with a column for each parameter that any of them has. */
export function toCsv(report: BenchReport): string {
  const names = new Set(report.runs.flatMap(({ parameters }) => Object.keys(parameters)))
  const parameters: Columns = Object.fromEntries(
    [...names].map(name => [`parameter_${name}`, ({ run }: { run: RunReport }) => run.parameters[name]]),
  )
  return csvText(
    { ...HEAD, ...parameters, ...VERDICT, ...COUNTS, ...LATENCIES, ...REST },
    report.runs.map(run => ({ report, run })),
  )
}

function estimate(name: string, of: (measures: Measures) => Estimate | null | undefined): Columns {
  return {
    [name]: ({ run }) => of(run.measures)?.value,
    [`${name}_low`]: ({ run }) => of(run.measures)?.low,
    [`${name}_high`]: ({ run }) => of(run.measures)?.high,
  }
}

/** Empty where there is no sample. */
function distribution(name: string, of: (measures: Measures) => Distribution): Columns {
  const known = (measures: Measures) => (of(measures).count > 0 ? of(measures) : undefined)
  return {
    [`${name}_count`]: ({ run }) => of(run.measures).count,
    ...estimate(`${name}_mean`, measures => known(measures)?.mean),
    [`${name}_deviation`]: ({ run }) => known(run.measures)?.deviation,
    [`${name}_min`]: ({ run }) => known(run.measures)?.min,
    ...estimate(`${name}_p50`, measures => of(measures).p50),
    ...estimate(`${name}_p90`, measures => of(measures).p90),
    ...estimate(`${name}_p95`, measures => of(measures).p95),
    ...estimate(`${name}_p99`, measures => of(measures).p99),
    [`${name}_max`]: ({ run }) => known(run.measures)?.max,
  }
}

function pairs(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}=${count}`)
    .join(' ')
}
