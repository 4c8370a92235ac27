import type { LoadSpec } from '../load/load.ts'
import { readTrace } from '../load/trace.ts'
import type { RunSpec } from '../run/run.ts'

/** How long a load is made where nothing else was chosen: a trace is made whole. */
export function extentsOf(load: LoadSpec): Pick<RunSpec, 'warmUp' | 'measure'> {
  if (load.kind !== 'trace') return { warmUp: { seconds: 3 }, measure: { seconds: 20 } }
  return { warmUp: { requests: 0 }, measure: { requests: readTrace(load.path).atMs.length } }
}
