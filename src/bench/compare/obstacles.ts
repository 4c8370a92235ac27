import { isDeepStrictEqual } from 'node:util'
import type { RunReport } from '../report/bench-report.ts'
import { isSameWork } from '../work/is-same-work.ts'
import type { WorkSpec } from '../work/work.ts'

/** Why runs cannot be compared, a sentence each: they did `different` things, or what they measured is `unsound`. */
export function obstaclesOf(
  baseline: readonly RunReport[],
  other: readonly RunReport[],
): { readonly different: readonly string[]; readonly unsound: string[] } {
  const { load } = baseline[0]!.spec
  const work = kindOfWork(baseline[0]!)
  const all = [...baseline, ...other]
  const different = [
    all.every(({ spec }) => isSameWork(spec.work, work)) || 'the work is not the same: measure both with the same',
    all.every(({ spec }) => isDeepStrictEqual(spec.load, load)) ||
      'the load is not the same: measure both under the same',
  ].filter(reason => reason !== true)
  const sides = [
    { name: 'the baseline', runs: baseline },
    { name: 'what is compared with it', runs: other },
  ]
  const unsound = sides.flatMap(({ name, runs }) =>
    runs.flatMap(({ verdict, cutShort }) => [
      ...(verdict.valid ? [] : [`${name} is invalid: ${verdict.reasons.join('; ') || 'no reason is told'}`]),
      ...(cutShort === null ? [] : [`${name} was cut short: ${cutShort}`]),
    ]),
  )
  return { different, unsound: [...new Set(unsound)] }
}

/** Prompts of the same kind in other words are the same work. */
function kindOfWork({ spec: { work } }: RunReport): WorkSpec {
  return work.kind === 'synthetic' ? { ...work, variant: 0 } : work
}
