import type { Result } from './run-checks.ts'

const MARK: Readonly<Record<Result['outcome'], string>> = {
  passed: 'pass',
  noted: 'note',
  failed: 'FAIL',
  skipped: 'skip',
}
const COLOR: Readonly<Record<Result['outcome'], string>> = { passed: '32', noted: '33', failed: '31', skipped: '2' }

/** Wide enough for each statement. */
const WHAT_WIDTH = 72

export function headLine(): string {
  return `item  result  ${'what'.padEnd(WHAT_WIDTH)}  detail`
}

/** One line of the table. */
export function resultLine({ item, what, outcome, detail }: Result, colored: boolean): string {
  const mark = MARK[outcome].padEnd(6)
  const shown = colored ? `\u001b[${COLOR[outcome]}m${mark}\u001b[0m` : mark
  // What servers say is shown, not obeyed: it may hold escape codes.
  return `${String(item).padStart(4)}  ${shown}  ${what.padEnd(WHAT_WIDTH)}  ${detail.replace(/\p{Cc}/gu, '�')}`.trimEnd()
}

/** `42 passed (2 with a note), 0 failed, 6 skipped in 12.3 s` */
export function tally(results: readonly Result[]): string {
  const count = (outcome: Result['outcome']) => results.filter(result => result.outcome === outcome).length
  const noted = count('noted')
  const seconds = results.reduce((sum, { ms }) => sum + ms, 0) / 1000
  const passed = `${count('passed') + noted} passed${noted > 0 ? ` (${noted} with a note)` : ''}`
  return `${passed}, ${count('failed')} failed, ${count('skipped')} skipped in ${seconds.toFixed(1)} s`
}
