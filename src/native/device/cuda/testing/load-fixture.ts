import { fileURLToPath } from 'node:url'
import { type LoadedEngine, loadEngine } from '../../../load-engine.ts'
import type { ThreadData } from '../../../messages.ts'
import { type NativeOptions, resolveOptions } from '../../../options.ts'
import { letterVocabulary } from '../../../testing/letters.ts'

/** One of the tiny models, for an engine on the card that {@link testCard} found. */
export function fixture(name: string, options: NativeOptions): ThreadData {
  const directory = fileURLToPath(new URL(`../../../../../test/fixtures/models/${name}/`, import.meta.url))
  return {
    source: { from: { directory }, dummy: false },
    settings: resolveOptions({ device: 'cuda', gpuMemory: '1GiB', ...options }),
    table: letterVocabulary().table,
  }
}

/** It, with everything around it, in this thread. */
export async function loadFixture(name: string, options: NativeOptions): Promise<LoadedEngine & AsyncDisposable> {
  const engine = await loadEngine(fixture(name, options), () => {})
  return { ...engine, [Symbol.asyncDispose]: () => engine.device[Symbol.asyncDispose]() }
}
