import type { Distribution, RunReport } from '../../bench/index.ts'
import { significant, table } from '../table.ts'
import type { Place } from '../world.ts'
import { percent } from './outcome.ts'

const GPU_HEADER = ['GPU GiB', 'busy', 'W', 'J/token', 'of the most']

const HEADER = [
  '',
  'req/s',
  'tok/s',
  'TTFT p50',
  'p99',
  'TPOT p50',
  'ITL p99',
  'E2E p50',
  'goodput',
  'failed',
  ...GPU_HEADER,
  '',
]

/** A line for each of several runs; latencies in ms. */
export function runsTable(runs: readonly RunReport[], place: Place): readonly string[] {
  const cells = runs.map(({ label, measures, gpu, verdict, cutShort }) => {
    const { requests, tokens, ttft, tpot, itl, e2e, goodput } = measures
    return [
      label,
      significant(requests.perSecond.value),
      significant(tokens.outputPerSecond.value),
      cell(ttft, 'p50'),
      cell(ttft, 'p99'),
      cell(tpot, 'p50'),
      cell(itl, 'p99'),
      cell(e2e, 'p50'),
      goodput === null ? '' : `${significant(goodput.perSecond)} /s (${percent(goodput.share)})`,
      requests.failed === 0 ? '' : String(requests.failed),
      ...gpuCells(gpu),
      [...(verdict.valid ? [] : ['INVALID']), ...(cutShort === null ? [] : ['cut short'])].join(', '),
    ]
  })
  const lines = table(HEADER, cells, 'lrrrrrrrrrrrrrrl', place)
  return [...lines, '  latencies in ms; too few requests for a percentile: –, and ≈ before a mean in its place']
}

function gpuCells(gpu: RunReport['gpu']): string[] {
  if (gpu === null) return GPU_HEADER.map(() => '')
  const { memoryBytes, utilisation, watts, joulesPerOutputToken, ofCeiling } = gpu
  return [
    (memoryBytes / 2 ** 30).toFixed(1),
    percent(utilisation),
    String(Math.round(watts)),
    joulesPerOutputToken === null ? '' : significant(joulesPerOutputToken),
    ofCeiling === null ? '' : `${percent(ofCeiling.share)} ${ofCeiling.bound}`,
  ]
}

function cell(distribution: Distribution, percentile: 'p50' | 'p99'): string {
  const estimate = distribution[percentile]
  if (estimate !== null) return significant(estimate.value)
  return percentile === 'p50' && distribution.count > 0 ? `≈${significant(distribution.mean.value)}` : '–'
}
