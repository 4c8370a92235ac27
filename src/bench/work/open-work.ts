import type { Engine } from '../../engine/index.ts'
import type { LoadSpec } from '../load/load.ts'
import type { Work, WorkSpec } from './work.ts'

/**
 * Makes the work that a spec stands for. A trace's lengths replace those of synthetic work.
 *
 * @throws WorkFileError, UnsupportedError (prompts as ids, of an engine that takes none)
 */
export async function openWork(_spec: WorkSpec, _load: LoadSpec, _seed: number, _engine: Engine): Promise<Work> {
  throw new Error('not there yet')
}
