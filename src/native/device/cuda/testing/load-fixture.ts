import { fileURLToPath } from 'node:url'
import { type LoadedEngine, loadEngine } from '../../../load-engine.ts'
import { type NativeOptions, resolveOptions } from '../../../options.ts'
import { letterVocabulary } from '../../../testing/letters.ts'

/** One of the tiny models, with everything around it, on the card that {@link testCard} found. */
export async function loadFixture(name: string, options: NativeOptions): Promise<LoadedEngine & AsyncDisposable> {
  const directory = fileURLToPath(new URL(`../../../../../test/fixtures/models/${name}/`, import.meta.url))
  const engine = await loadEngine(
    {
      source: { from: { directory }, dummy: false },
      settings: resolveOptions({ device: 'cuda', gpuMemory: '1GiB', ...options }),
      table: letterVocabulary().table,
    },
    () => {},
  )
  return { ...engine, [Symbol.asyncDispose]: () => engine.device[Symbol.asyncDispose]() }
}
