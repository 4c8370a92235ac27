import type { RunReport } from '../report/bench-report.ts'

/** What a number of a repetition is called: it orders runs, and is no load. */
const REPETITIONS = ['block', 'repetition', 'try']

/** The parameter along which runs were swept: the first numeric one that they differ in; undefined where there is none. */
export function sweepAxis(runs: readonly RunReport[]): string | undefined {
  return differing(runs).find(name => runs.every(({ parameters }) => typeof parameters[name] === 'number'))
}

/**
 * What runs of one curve have in common beside the sweep's axis; empty where there is but one curve. What is another
 * for every run is a name of theirs and parts none.
 */
export function curveOf(run: RunReport, runs: readonly RunReport[]): string {
  const axis = sweepAxis(runs)
  const names = differing(runs).filter(name => name !== axis && valuesOf(name, runs).size < runs.length)
  return named(run, names)
}

/** What tells runs apart that are not repetitions of each other: their parameters, or without any their labels. */
export function kindOf(run: RunReport, runs: readonly RunReport[]): string {
  return named(run, differing(runs)) || run.label
}

function differing(runs: readonly RunReport[]): readonly string[] {
  const names = new Set(runs.flatMap(({ parameters }) => Object.keys(parameters)))
  return [...names].filter(name => !REPETITIONS.includes(name) && valuesOf(name, runs).size > 1)
}

function valuesOf(name: string, runs: readonly RunReport[]): ReadonlySet<unknown> {
  return new Set(runs.map(({ parameters }) => parameters[name]))
}

function named({ parameters }: RunReport, names: readonly string[]): string {
  return names
    .flatMap(name => {
      const value = parameters[name]
      return value === undefined ? [] : [typeof value === 'number' ? `${name} ${value}` : value]
    })
    .join(', ')
}
