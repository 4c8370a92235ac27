import type { InProcessEngine } from '../../native/index.ts'
import { beginDecoding } from './begin-decoding.ts'
import { Requests } from './requests.ts'
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

/**
 * Does the work once, in this thread, with nothing between the caller and the engine's loop: no HTTP, no text.
 *
 * A prompt's time ends with its first token, of the last sequence if there are several. Generation is measured over so
 * many steps with every sequence in each: those that have their first token wait until all have.
 */
export async function measure(engine: InProcessEngine, work: EngineWork): Promise<Sample> {
  return work.kind === 'prompt' ? await measurePrompts(engine, work) : await measureAnswers(engine, work)
}

async function measureAnswers(engine: InProcessEngine, work: EngineWork): Promise<Sample> {
  const requests = await beginDecoding(engine, work)
  const begin = performance.now()
  let [steps, tokens, hostMs] = [0, 0, 0]
  while (tokens < work.batch * work.tokens && requests.running > 0) {
    const result = await requests.step()
    steps++
    tokens += result.tokens
    hostMs += result.hostMs
  }
  const seconds = (performance.now() - begin) / 1000
  await requests.end()
  return { seconds, tokens, steps, hostMs }
}

async function measurePrompts(engine: InProcessEngine, { batch, depth, tokens }: EngineWork): Promise<Sample> {
  const requests = new Requests(engine)
  const beginnings = Array.from({ length: batch }, () => requests.beginning(depth))
  if (depth > 0) {
    // What lies before is computed here and found again.
    for (const beginning of beginnings) requests.submit(1, 1, beginning)
    while (requests.running > 0) await requests.step()
  }
  for (const beginning of beginnings) requests.submit(tokens, 1, beginning)
  const begin = performance.now()
  let [steps, hostMs] = [0, 0]
  while (requests.running > 0) {
    const result = await requests.step()
    steps++
    hostMs += result.hostMs
  }
  const seconds = (performance.now() - begin) / 1000
  await requests.end()
  return { seconds, tokens: batch * tokens, steps, hostMs }
}
