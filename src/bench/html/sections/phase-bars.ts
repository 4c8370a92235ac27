import { type Html, html } from '../../../html/index.ts'
import type { RunReport } from '../../report/bench-report.ts'
import { number } from '../numbers.ts'

/** Distinct fills that the style has. */
const FILLS = 7

/** Where the time to the first token went: a bar for each run, all on one scale; undefined where no target told. */
export function phaseBars(runs: readonly RunReport[]): Html | undefined {
  const told = runs.filter(run => run.phases !== null && run.phases.phases.length > 0)
  if (told.length === 0) return undefined
  const names = [...new Set(told.flatMap(run => run.phases!.phases.map(({ name }) => name)))]
  const longest = Math.max(...told.map(totalOf))
  return html`<ul class="legend">
${names.map((name, i) => html`<li><svg aria-hidden="true"><rect width="100%" height="100%" class="${fill(i)}"/></svg>${name}</li>\n`)}</ul>
<div class="bars">
${told.map(run => html`<span class="name">${run.label}</span>${bar(run, names, longest)}<span class="end">${number(totalOf(run))} ms</span>\n`)}</div>`
}

function totalOf({ phases }: RunReport): number {
  return phases!.phases.reduce((sum, { meanMs }) => sum + Math.max(0, meanMs), 0)
}

function bar(run: RunReport, names: readonly string[], longest: number): Html {
  let from = 0
  const parts = run.phases!.phases.map(({ name, meanMs, p50Ms }) => {
    const width = (100 * Math.max(0, meanMs)) / longest
    const rect = html`<rect x="${share(from)}" width="${share(width)}" height="100%" class="${fill(names.indexOf(name))}"><title>${name}: mean ${number(meanMs)} ms, p50 ${number(p50Ms)} ms</title></rect>`
    from += width
    return rect
  })
  const words = run.phases!.phases.map(({ name, meanMs }) => `${name} ${number(meanMs)} ms`).join(', ')
  return html`<svg role="img" aria-label="${run.label}: ${words}">${parts}</svg>`
}

function share(part: number): string {
  return `${part.toFixed(3)}%`
}

function fill(index: number): string {
  return `p${index % FILLS}`
}
