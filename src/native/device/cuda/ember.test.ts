import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type ChosenLogprob, collect, type Engine, InternalError } from '../../../engine/index.ts'
import { openNative } from '../../open-native.ts'
import type { NativeOptions } from '../../options.ts'
import { engineProcess, fault, isRunning } from '../../testing/engine-process.ts'
import { testCard } from './testing/test-card.ts'

const card = testCard()

const EMBER = fileURLToPath(new URL('../../../../models/ember/', import.meta.url))
const QUESTIONS = ['What is Warpline?', 'Count to five.', 'What is a KV cache?']
/** A token of the emulated card takes its time. */
const TOKENS = card?.emulated ? 12 : 48

const CPU: NativeOptions = { device: 'cpu', threads: 1, contextLength: 256 }
const GPU: NativeOptions = {
  device: 'cuda',
  gpuMemory: '1GiB',
  contextLength: 256,
  maxSequences: 3,
  tokenBudget: 128,
}

interface Answer {
  readonly ids: readonly number[]
  readonly text: string
  readonly logprobs: readonly ChosenLogprob[]
}

async function answers(options: NativeOptions, questions = QUESTIONS): Promise<Answer[]> {
  await using engine: Engine = await openNative(EMBER, options)
  const sampling = { temperature: 0, maxTokens: TOKENS, logprobs: true, topLogprobs: 5 }
  const all = await Promise.all(
    questions.map(content => collect(engine.generate({ input: { messages: [{ role: 'user', content }] }, sampling }))),
  )
  return all.map(({ choices }) => ({ ids: choices[0]!.ids, text: choices[0]!.text, logprobs: choices[0]!.logprobs! }))
}

/**
 * As vLLM compares engines that round differently: up to the first token that differs all are the same, and there each
 * has the other's among its likeliest.
 */
function expectClose(found: Answer, expected: Answer): void {
  const at = found.ids.findIndex((id, i) => id !== expected.ids[i])
  if (at < 0) return
  expect(found.logprobs[at]!.top.map(({ id }) => id)).toContain(expected.ids[at])
  expect(expected.logprobs[at]!.top.map(({ id }) => id)).toContain(found.ids[at])
}

describe.skipIf(card === undefined)(`ember on ${card?.name ?? 'no GPU'}`, async () => {
  const expected = card === undefined ? [] : await answers(CPU)

  it('says word for word what it says on a CPU, in floats', async () => {
    const found = await answers({ ...GPU, dtype: 'f32', weights: 'bf16' })
    expect(found.map(({ text }) => text)).toEqual(expected.map(({ text }) => text))
    for (const [i, { logprobs }] of found.entries()) {
      for (const [t, { logprob }] of logprobs.entries()) {
        expect(logprob).toBeCloseTo(expected[i]!.logprobs[t]!.logprob, 2)
      }
    }
  })

  const other: NativeOptions[] = [{}, { quantize: 'int8' }, { kvType: 'fp8', batchInvariant: true }]
  it.each(card?.emulated ? other.slice(1) : other)('says much the same in 16 bits and fewer: %j', async options => {
    const found = await answers({ ...GPU, dtype: 'bf16', ...options })
    for (const [i, each] of found.entries()) expectClose(each, expected[i]!)
  })

  it('answers again from a new process after a kernel has faulted in the old one', async () => {
    process.env.WARPLINE_EMULATOR_QUIET = '1'
    // The process that has lost a card opens it no more, and there may be tests to come.
    const options = { ...GPU, dtype: 'f32', weights: 'bf16', isolated: true } as const
    const engine = await openNative(EMBER, options)
    const question = { input: { text: 'Warpline' }, sampling: { maxTokens: 200, ignoreEos: true } }
    const waiting = [1, 2].map(() => collect(engine.generate(question)))
    fault(engine)
    for (const result of await Promise.allSettled(waiting)) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(InternalError) })
      expect((result as PromiseRejectedResult).reason.message).toMatch(/^the engine failed: the GPU failed in [^\n]+$/)
    }
    expect(engine.health().status).toBe('failed')
    await engine.close()
    expect(isRunning(engineProcess(engine))).toBe(false)
    const [again] = await answers(options, QUESTIONS.slice(0, 1))
    expect(again!.text).toBe(expected[0]!.text)
  })
})
