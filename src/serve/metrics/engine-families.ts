import { familyMaker, type HistogramRow, type MetricFamily, type NumberRow } from './metric-family.ts'
import type { EngineScrape } from './scrape.ts'

const NUMBERS: readonly NumberRow<EngineScrape>[] = [
  ['gauge', 'sequences_paused', 'Sequences held up because their clients do not read.', ({ stats }) => stats.paused],
  ['gauge', 'sequences_max', 'Sequences that one step may hold.', ({ info }) => info.maxSequences],
  ['gauge', 'engine_waiting_sequences', 'Sequences that wait within the engine.', ({ stats }) => stats.waiting],
  ['counter', 'engine_requests_total', 'Prompts that the engine was given.', ({ stats }) => stats.requests],
]

const HISTOGRAMS: readonly HistogramRow<EngineScrape>[] = [
  ['step_time_seconds', 'Duration of a step, where the engine runs.', ({ steps }) => steps.stepMs, 1e-3],
  ['step_host_time_seconds', 'What of it the engine did not wait for its device.', ({ steps }) => steps.hostMs, 1e-3],
]

const { number, histogram } = familyMaker<EngineScrape>('warpline:', ['model_name'], ({ model }) => ({
  model_name: model,
}))

/** What of an engine neither vLLM nor llama.cpp has a name for. */
export const ENGINE_FAMILIES: readonly MetricFamily<EngineScrape>[] = [
  ...NUMBERS.map(number),
  ...HISTOGRAMS.map(histogram),
]
