import { type Html, html } from '../../../html/index.ts'
import type { Objective } from '../../measures/measures.ts'
import type { RunReport } from '../../report/bench-report.ts'
import { number, percent } from '../numbers.ts'

const NAMES: Readonly<Record<Objective['measure'], string>> = {
  ttft: 'TTFT',
  tpot: 'TPOT',
  itl: 'mean ITL',
  gap: 'largest gap',
  e2e: 'E2E latency',
}

/** e.g. `TTFT < 200 ms, mean ITL < 30 ms`. */
export function describeObjectives(objectives: readonly Objective[]): string {
  return objectives.map(({ measure, belowMs }) => `${NAMES[measure]} < ${belowMs} ms`).join(', ')
}

/** The share of the offered requests that kept all bounds; undefined where there were none to keep. */
export function goodputBars(runs: readonly RunReport[]): Html | undefined {
  const asked = runs.filter(({ measures }) => measures.goodput !== null)
  if (asked.length === 0) return undefined
  return html`<div class="bars">
${asked.map(({ label, measures }) => {
  const { share, perSecond } = measures.goodput!
  return html`<span class="name">${label}</span><svg role="img" aria-label="${label}: ${percent(share)}"><rect width="${(100 * share).toFixed(3)}%" height="100%" class="p2"/></svg><span class="end">${percent(share)}, ${number(perSecond)} requests/s</span>
`
})}</div>`
}
