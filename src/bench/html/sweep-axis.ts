import type { RunReport } from '../report/bench-report.ts'

/** What a number of a repetition is called: it orders runs, and is no load. */
const REPETITIONS = ['block', 'repetition', 'try']

/** The parameter along which runs were swept: the first numeric one that they differ in; undefined where there is none. */
export function sweepAxis(runs: readonly RunReport[]): string | undefined {
  const names = new Set(runs.flatMap(({ parameters }) => Object.keys(parameters)))
  return [...names].find(name => {
    const values = runs.map(({ parameters }) => parameters[name])
    return !REPETITIONS.includes(name) && values.every(value => typeof value === 'number') && new Set(values).size > 1
  })
}
