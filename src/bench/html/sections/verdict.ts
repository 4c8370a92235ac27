import { type Html, html } from '../../../html/index.ts'
import type { BenchReport, RunReport } from '../../report/bench-report.ts'

/** Whether the figures are the target's: first, and where they are not, in a way that nobody overlooks. */
export function verdict({ runs }: BenchReport): Html {
  const invalid = runs.filter(run => !run.verdict.valid)
  const notes = runs.filter(run => run.verdict.valid).flatMap(run => notesOf(run, runs))
  const cut = runs.flatMap(run => (run.cutShort === null ? [] : [named(run, runs, `was cut short: ${run.cutShort}`)]))
  const remarks = grouped([...cut, ...notes])
  if (invalid.length > 0) {
    return html`<section class="verdict invalid" role="alert">
<strong>INVALID</strong>
<p>${invalidWords(invalid, runs)} Do not quote them.</p>
${list(grouped(invalid.flatMap(run => notesOf(run, runs))))}${list(remarks)}</section>`
  }
  if (runs.length === 0) return html`<section class="verdict remarks"><strong>Nothing was measured.</strong></section>`
  const words = 'Valid: the client kept up, and the figures are the target’s.'
  return html`<section class="verdict${remarks.length > 0 && ' remarks'}"><strong>${words}</strong>${list(remarks)}</section>`
}

/** A line that stays in sight. */
export function invalidStrip({ runs }: BenchReport): Html | undefined {
  const invalid = runs.filter(run => !run.verdict.valid)
  return invalid.length === 0 ? undefined : html`<div class="strip">INVALID: ${invalidWords(invalid, runs)}</div>`
}

function invalidWords(invalid: readonly RunReport[], runs: readonly RunReport[]): string {
  if (runs.length === 1) return 'These figures are not the target’s.'
  const all = runs.length === 2 ? 'both' : `all ${runs.length}`
  const which = invalid.length === runs.length ? all : `${invalid.length} of ${runs.length}`
  return `The figures of ${which} runs are not the target’s.`
}

interface Note {
  readonly run: string | undefined
  readonly text: string
}

function notesOf(run: RunReport, runs: readonly RunReport[]): readonly Note[] {
  return run.verdict.reasons.map(text => named(run, runs, text))
}

function named({ label }: RunReport, runs: readonly RunReport[], text: string): Note {
  return { run: runs.length > 1 ? label : undefined, text }
}

/** What is said of several runs is said once. */
function grouped(notes: readonly Note[]): readonly Note[] {
  const byText = new Map<string, (string | undefined)[]>()
  for (const { text, run } of notes) byText.set(text, [...(byText.get(text) ?? []), run])
  return [...byText].map(([text, names]) => {
    const known = names.filter(name => name !== undefined)
    return { text, run: known.length === 0 ? undefined : known.join(', ') }
  })
}

function list(notes: readonly Note[]): Html | undefined {
  if (notes.length === 0) return undefined
  return html`<ul>${notes.map(({ run, text }) => html`<li>${run !== undefined && html`<b>${run}:</b> `}${text}</li>\n`)}</ul>`
}
