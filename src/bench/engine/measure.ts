import { SAMPLING_DEFAULTS } from '../../engine/index.ts'
import type { InProcessEngine } from '../../native/index.ts'
import type { EngineWork } from './work.ts'

/** What one repetition took. */
export interface Sample {
  readonly seconds: number
  /** Tokens that were processed (prompt) or drawn (generate) in that time. */
  readonly tokens: number
  readonly steps: number
  /** Milliseconds of the host's time in all steps, without its waiting for the device. */
  readonly hostMs: number
}

/** Prompts that no earlier one began like, so that no prefix is found. */
let salt = 0

/**
 * Does the work once, in this thread, with nothing between the caller and the engine's loop: no HTTP, no text.
 *
 * A prompt's time ends with its first token, of the last sequence if there are several. Generation is measured from
 * when every sequence has its first token, over all further ones.
 */
export async function measure({ loop, model }: InProcessEngine, work: EngineWork): Promise<Sample> {
  const { kind, batch, depth, tokens } = work
  const started = new Set<number>()
  const running = new Set<number>()
  const submit = (length: number, maxTokens: number, cacheSalt: string): number => {
    const id = ++salt
    const prompt = Array.from({ length }, (_, i) => (i * 7919 + (cacheSalt === '' ? id : 0) * 104_729) % model.vocabSize)
    const sampling = { ...SAMPLING_DEFAULTS, temperature: 0, ignoreEos: true, seed: id, maxTokens }
    loop.submit({ id, prompt, priority: 0, cacheSalt, sampling })
    running.add(id)
    return id
  }
  const step = async () => {
    const result = await loop.step()
    for (const outcome of result.outcomes) {
      if ('failure' in outcome) throw new Error(outcome.failure.message)
      if (outcome.event.type === 'start') started.add(outcome.job)
      if (outcome.event.type === 'done') running.delete(outcome.job)
    }
    return result
  }
  const drain = async () => {
    while (!loop.idle) await step()
  }

  if (kind === 'prompt' && depth > 0) {
    // What lies before is computed once and found again.
    for (let i = 0; i < batch; i++) submit(depth + 1, 1, `depth ${depth} ${i}`)
    await drain()
  }
  started.clear()
  const length = kind === 'prompt' ? depth + tokens : Math.max(1, depth)
  for (let i = 0; i < batch; i++) {
    submit(length, kind === 'prompt' ? 1 : tokens + 1, kind === 'prompt' && depth > 0 ? `depth ${depth} ${i}` : '')
  }
  if (kind === 'generate') while (started.size < batch) await step()
  const begin = performance.now()
  let [steps, hostMs] = [0, 0]
  while (running.size > 0) {
    const result = await step()
    steps++
    hostMs += result.hostMs
  }
  const seconds = (performance.now() - begin) / 1000
  await drain()
  return { seconds, tokens: batch * tokens, steps, hostMs }
}
