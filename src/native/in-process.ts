import { describe } from './describe.ts'
import { type LoadedEngine, loadEngine } from './load-engine.ts'
import type { ModelConfig } from './model/config.ts'
import { configOf } from './model-source.ts'
import type { NativeOptions } from './options.ts'

/** An engine in the caller's own thread: its loop, and the device below it. */
export interface InProcessEngine extends LoadedEngine, AsyncDisposable {
  readonly config: ModelConfig
}

/**
 * Loads a model for those who measure the engine itself: no thread, no messages, no text; the caller drives the loop.
 * Takes what `openNative` takes.
 *
 * @throws FormatError, ModelLoadError
 */
export async function openInProcess(name: string, options: NativeOptions = {}): Promise<InProcessEngine> {
  const { data } = await describe(name, options)
  const engine = await loadEngine(data, (loadedBytes, totalBytes) => options.onProgress?.({ loadedBytes, totalBytes }))
  return { ...engine, config: configOf(data.source), [Symbol.asyncDispose]: () => engine.device[Symbol.asyncDispose]() }
}
