import { basename } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { type Engine, type EngineInfo, ModelLoadError } from '../engine/index.ts'
import { loadChatTemplate, loadTokenizer } from '../formats/index.ts'
import { startThread } from '../threads.ts'
import type { FromThread, ThreadData } from './messages.ts'
import { NativeEngine } from './native-engine.ts'
import { type NativeOptions, resolveOptions } from './options.ts'
import { buildTokenTable } from './output/token-table.ts'
import { PromptEncoder } from './prompt-encoder.ts'

/**
 * Loads a model in Hugging Face's layout (`config.json`, `*.safetensors`, `tokenizer.json`, …) and starts it in a
 * thread of its own.
 *
 * @throws FormatError, ModelLoadError: one line that names the file and the cause.
 *
 * @example
 * await using engine = await openNative('models/ember')
 */
export async function openNative(directory: string, options: NativeOptions = {}): Promise<Engine> {
  const tokenizer = await loadTokenizer(directory)
  const template = await loadChatTemplate(directory)
  const data: ThreadData = {
    directory,
    settings: resolveOptions(options),
    table: buildTokenTable(tokenizer),
  }
  const thread = startThread(new URL('./loop.thread.ts', import.meta.url), { workerData: data })
  const { model, stats } = await loaded(thread, options.onProgress)
  const info: EngineInfo = {
    ...model,
    model: basename(directory),
    chat: template !== undefined,
    ...(template && { chatTemplate: template.source }),
  }
  return new NativeEngine(info, thread, new PromptEncoder(tokenizer, template), stats)
}

type Loaded = Extract<FromThread, { type: 'loaded' }>

/** Waits until the thread has its model, or has failed to get it. */
function loaded(thread: Worker, onProgress: NativeOptions['onProgress']): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      thread.off('message', onMessage).off('error', onError).off('exit', onExit)
      act()
    }
    const onMessage = (message: FromThread) => {
      if (message.type === 'progress') onProgress?.(message)
      if (message.type === 'loaded') settle(() => resolve(message))
      if (message.type === 'load-failed') settle(() => reject(new ModelLoadError(message.message)))
    }
    const onError = (error: Error) => settle(() => reject(new ModelLoadError(error.message, { cause: error })))
    const onExit = () => settle(() => reject(new ModelLoadError("the engine's thread ended while it loaded")))
    thread.on('message', onMessage).on('error', onError).on('exit', onExit)
  })
}
