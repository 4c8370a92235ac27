import { basename } from 'node:path'
import { type Engine, type EngineInfo, ModelLoadError } from '../engine/index.ts'
import { describe } from './describe.ts'
import type { EngineHost } from './engine-host.ts'
import { EngineHostProcess } from './engine-host-process.ts'
import { EngineHostThread } from './engine-host-thread.ts'
import type { FromThread } from './messages.ts'
import { NativeEngine } from './native-engine.ts'
import type { NativeOptions } from './options.ts'
import { PromptEncoder } from './prompt-encoder.ts'

/**
 * Loads a model in Hugging Face's layout (`config.json`, `*.safetensors`, `tokenizer.json`, …) and starts it in a
 * thread of its own, or with `isolated` in a process. With `loadFormat: 'dummy'` weights are random, and `name` may be a known shape (`llama-2-7b`): the
 * tokens of a text are then its bytes, and there are no chats.
 *
 * @throws FormatError, ModelLoadError: one line that names the file and the cause.
 *
 * @example
 * await using engine = await openNative('models/ember')
 */
export async function openNative(name: string, options: NativeOptions = {}): Promise<Engine> {
  const { data, tokenizer, template } = await describe(name, options)
  const host = options.isolated ? new EngineHostProcess(data) : new EngineHostThread(data)
  const { model, stats } = await loaded(host, options.onProgress)
  const info: EngineInfo = {
    ...model,
    model: basename(name),
    chat: template !== undefined,
    ...(template && { chatTemplate: template.source }),
  }
  return new NativeEngine(info, host, new PromptEncoder(tokenizer, template), stats)
}

type Loaded = Extract<FromThread, { type: 'loaded' }>

/** Waits until the engine has its model, or has failed to get it. */
function loaded(host: EngineHost, onProgress: NativeOptions['onProgress']): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      host.off('message', onMessage).off('error', onError).off('exit', onExit)
      act()
    }
    const onMessage = (message: FromThread) => {
      if (message.type === 'progress') onProgress?.(message)
      if (message.type === 'loaded') settle(() => resolve(message))
      if (message.type === 'load-failed') settle(() => reject(new ModelLoadError(message.message)))
    }
    const onError = (error: Error) => settle(() => reject(new ModelLoadError(error.message, { cause: error })))
    const onExit = (how: string) => settle(() => reject(new ModelLoadError(`${how} while it loaded`)))
    host.on('message', onMessage).on('error', onError).on('exit', onExit)
  })
}
