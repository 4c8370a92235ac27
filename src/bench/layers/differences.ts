import type { Estimate, Measures } from '../measures/measures.ts'
import type { RunReport } from '../report/bench-report.ts'

/** A figure of a run that a layer may make worse; null where there were too few samples. */
interface Figure {
  readonly name: string
  readonly unit: 'ms' | '%'
  of(measures: Measures): Estimate | null
}

const FIGURES: readonly Figure[] = [
  { name: 'TTFT p50', unit: 'ms', of: ({ ttft }) => ttft.p50 },
  { name: 'TTFT p99', unit: 'ms', of: ({ ttft }) => ttft.p99 },
  { name: 'ITL p50', unit: 'ms', of: ({ itl }) => itl.p50 },
  { name: 'ITL p99', unit: 'ms', of: ({ itl }) => itl.p99 },
  { name: 'E2E p50', unit: 'ms', of: ({ e2e }) => e2e.p50 },
  { name: 'output tok/s', unit: '%', of: ({ tokens }) => tokens.outputPerSecond },
]

/** How far each figure of `outer` lies from that of `inner`, a line each; in ms, of rates as a share. */
export function differences(outer: RunReport, inner: RunReport): readonly string[] {
  return FIGURES.flatMap(({ name, unit, of }) => {
    const [from, to] = [of(inner.measures), of(outer.measures)]
    if (from === null || to === null) return []
    const scale = unit === '%' ? 100 / from.value : 1
    return `  ${name}: ${difference(from, to, scale)} ${unit} (${plain(from.value)} → ${plain(to.value)})`
  })
}

/**
 * The runs are independent of each other: squares of half widths add up, and what each run's own interval does not know
 * of, e.g. how warm the machine was, is not in it.
 */
function difference(from: Estimate, to: Estimate, scale: number): string {
  const change = (to.value - from.value) * scale
  if (from.low === null || from.high === null || to.low === null || to.high === null) return signed(change)
  const down = Math.hypot(to.value - to.low, from.high - from.value) * scale
  const up = Math.hypot(to.high - to.value, from.value - from.low) * scale
  return `${signed(change)} [${signed(change - down)}, ${signed(change + up)}]`
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${plain(Math.abs(value))}`
}

function plain(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 2 : 3)
}
