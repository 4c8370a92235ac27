import { type ResolvedSampling, SAMPLING_DEFAULTS } from '../../../src/engine/index.ts'
import type { InProcessEngine } from '../../../src/native/index.ts'

export interface Served {
  readonly requests: number
  readonly aborted: number
  readonly steps: number
  readonly promptTokens: number
  readonly generatedTokens: number
  readonly preemptions: number
}

/** How many requests are there at once, one after another. */
const CROWDS = [1, 2, 3, 5, 8, 16, 32, 64]
const PER_CROWD = 25

/** What a request asks for beside tokens; each kind in turn. */
const KINDS: readonly Partial<ResolvedSampling>[] = [
  { temperature: 0 },
  { temperature: 1, topP: 0.9 },
  { temperature: 0.7, topK: 40, minP: 0.05 },
  { temperature: 0, repetitionPenalty: 1.2, presencePenalty: 0.5, frequencyPenalty: 0.5 },
  { temperature: 0, logprobs: true, topLogprobs: 20 },
  { temperature: 1, n: 2 },
  { temperature: 1, logitBias: { 5: 10, 7: -100 }, logprobs: true },
  { temperature: 1, n: 2, frequencyPenalty: 1, logprobs: true, topLogprobs: 5 },
]

/** Prompts' shares of the context. */
const LENGTHS = [0.001, 0.01, 0.05, 0.3, 0.02, 0.005, 0.9]

/** One in so many is given up half way. */
const ABORTED = 17

/**
 * Requests of every kind and length, in crowds of every size, until all are answered.
 *
 * @throws Error where one fails that was not given up
 */
export async function serveMixed({ loop, model }: InProcessEngine, requests: number): Promise<Served> {
  const running = new Set<number>()
  let [submitted, aborted] = [0, 0]
  const submit = () => {
    const id = ++submitted
    const maxTokens = 1 + ((id * 5) % 16)
    const longest = model.contextLength - maxTokens
    const share = LENGTHS[id % LENGTHS.length]!
    const length = Math.max(1, Math.min(longest, Math.floor(share * model.contextLength)))
    const prompt = Array.from({ length }, (_, i) => (i * 7919 + id * 104_729) % model.vocabSize)
    const sampling = { ...SAMPLING_DEFAULTS, ignoreEos: true, ...KINDS[id % KINDS.length], seed: id, maxTokens }
    loop.submit({ id, prompt, priority: 0, cacheSalt: '', sampling })
    running.add(id)
  }
  while (submitted < requests || running.size > 0) {
    const crowd = CROWDS[Math.floor(submitted / PER_CROWD) % CROWDS.length]!
    while (running.size < crowd && submitted < requests) submit()
    const { outcomes } = await loop.step()
    for (const outcome of outcomes) {
      if ('failure' in outcome) throw new Error(`request ${outcome.job}: ${outcome.failure.message}`)
      if (outcome.event.type === 'done') running.delete(outcome.job)
      else if (outcome.job % ABORTED === 0 && running.delete(outcome.job)) {
        loop.abort(outcome.job)
        aborted++
      }
    }
  }
  while (!loop.idle) await loop.step()
  const { steps, promptTokens, generatedTokens, preemptions } = loop.stats()
  return { requests, aborted, steps, promptTokens, generatedTokens, preemptions }
}
