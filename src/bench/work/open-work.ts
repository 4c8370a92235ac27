import type { Engine } from '../../engine/index.ts'
import type { LoadSpec } from '../load/load.ts'
import { openFile } from './file-work.ts'
import { openSynthetic } from './synthetic-work.ts'
import type { Work, WorkSpec } from './work.ts'

/**
 * Makes the work that a spec stands for. A trace's lengths replace those of synthetic work.
 *
 * @throws WorkFileError, UnsupportedError (prompts as ids, of an engine that takes none)
 */
export async function openWork(spec: WorkSpec, load: LoadSpec, seed: number, engine: Engine): Promise<Work> {
  return spec.kind === 'synthetic' ? openSynthetic(spec, load, seed, engine) : openFile(spec, seed, engine)
}
