import type { RunResult } from '../run/run.ts'
import type { Measures, Objective } from './measures.ts'

/** What the measured requests of a run come to. `objectives` make a goodput. */
export function measuresOf(
  _result: Pick<RunResult, 'records' | 'window' | 'spec'>,
  _objectives: readonly Objective[] = [],
): Measures {
  throw new Error('not there yet')
}
