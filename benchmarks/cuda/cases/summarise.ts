import type { CaseResult } from './run-cases.ts'
import type { ProcessFailure } from './share.ts'

export interface Family {
  readonly family: string
  readonly activations: string
  readonly cases: number
  readonly failed: number
  /** Largest error, and the largest share of what is allowed. */
  readonly error: number
  readonly ofTolerance: number
}

/** Prints what failed and a line for each family, which is the first word of a case's name. */
export function summarise(
  results: readonly CaseResult[],
  failures: readonly ProcessFailure[],
): { families: readonly Family[]; passed: boolean } {
  for (const { activationType, batchInvariant, name, failed, tolerance } of results) {
    if (failed) console.log(`FAILED ${settingsOf(activationType, batchInvariant)}: ${name}: ${failed} of ${tolerance}`)
  }
  for (const { shard, code, lines } of failures) {
    console.log(`process ${shard} ended with ${code}:\n  ${lines.join('\n  ')}`)
  }
  const groups = new Map<string, CaseResult[]>()
  for (const result of results) {
    const family = result.name.startsWith('a layer') ? 'layer' : /^\w+/.exec(result.name)![0]
    const key = `${family}|${settingsOf(result.activationType, result.batchInvariant)}`
    groups.set(key, [...(groups.get(key) ?? []), result])
  }
  const families = [...groups].sort().map(([key, cases]): Family => {
    const [family = '', activations = ''] = key.split('|')
    const errors = cases.map(({ error }) => error ?? Number.POSITIVE_INFINITY)
    return {
      family,
      activations,
      cases: cases.length,
      failed: cases.filter(({ failed }) => failed).length,
      error: Math.max(...errors),
      ofTolerance: Math.max(...errors.map((error, i) => (error === 0 ? 0 : error / cases[i]!.tolerance))),
    }
  })
  for (const { family, activations, cases, failed, error, ofTolerance } of families) {
    const share = `${(100 * ofTolerance).toFixed(0)} % of what is allowed`
    console.log(
      `${family.padEnd(11)} ${activations.padEnd(15)} ${cases} cases, ${failed} failed, ${error.toExponential(1)}, ${share}`,
    )
  }
  const failed = results.filter(result => result.failed).length
  console.log(`${results.length} cases, ${failed} failed, ${failures.length} processes failed`)
  return { families, passed: results.length > 0 && failed === 0 && failures.length === 0 }
}

function settingsOf(activations: string, invariant: boolean): string {
  return invariant ? `${activations} invariant` : activations
}
