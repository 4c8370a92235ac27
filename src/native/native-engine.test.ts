import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engineConformance } from '../../test/engine-conformance.ts'
import { collect, type Engine } from '../engine/index.ts'
import { openNative } from './index.ts'

const EMBER = fileURLToPath(new URL('../../models/ember/', import.meta.url))

engineConformance('native', () => openNative(EMBER, { threads: 1, contextLength: 256 }))

/** More than one block of tokens. */
const LONG_QUESTION =
  'Please tell me in a few words: what is a KV cache, and why does a language model keep one at all?'

describe('NativeEngine', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openNative(EMBER, { threads: 1 })
  })
  afterAll(() => engine.close())

  const chat = (content: string) => ({
    input: { messages: [{ role: 'user' as const, content }] },
    sampling: { temperature: 0, maxTokens: 48 },
  })

  it('says what it is', () => {
    expect(engine.info).toMatchObject({ model: 'ember', backend: 'native/cpu', weightType: 'bf16', chat: true })
    expect(engine.info.parameters).toBeGreaterThan(4_000_000)
    expect(engine.info.memory?.weights).toBeGreaterThan(2 * engine.info.parameters)
  })

  it('answers a question through the chat template and stops by itself', async () => {
    const { choices, done } = await collect(engine.generate(chat('What is Warpline?')))
    expect(choices[0]!.text).toMatch(/Warpline/)
    expect(done.choices[0]!.finishReason).toBe('stop')
  })

  it('gives the same log-probabilities alone, in a batch and from the prefix cache', async () => {
    const request = {
      ...chat(LONG_QUESTION),
      sampling: { maxTokens: 24, seed: 5, logprobs: true, topLogprobs: 3 },
    }
    const alone = await collect(engine.generate(request))
    const others = ['Hello!', 'What is 2 + 2?', 'Count to five.'].map(text => collect(engine.generate(chat(text))))
    const among = await collect(engine.generate(request))
    await Promise.all(others)
    expect(among.start.cachedTokens).toBeGreaterThan(0)
    expect(among.choices).toEqual(alone.choices)
  })

  it('gives the same text with int8 weights for a question that it knows', async () => {
    await using small = await openNative(EMBER, { threads: 1, quantize: 'int8' })
    expect(small.info.memory!.weights!).toBeLessThan(engine.info.memory!.weights!)
    const [full, quantised] = await Promise.all(
      [engine, small].map(each => collect(each.generate(chat('What is Warpline?')))),
    )
    expect(quantised!.choices[0]!.text).toBe(full!.choices[0]!.text)
  })
})

it('runs random weights in the shape of a folder', async () => {
  await using engine = await openNative(EMBER, { threads: 1, loadFormat: 'dummy', device: 'cpu' })
  const request = { input: { text: 'Once' }, sampling: { temperature: 0, maxTokens: 8, ignoreEos: true } }
  const { done } = await collect(engine.generate(request))
  expect(done.usage.completionTokens).toBe(8)
  expect(engine.info).toMatchObject({ weightType: 'f32', maxSequences: 64 })
})

it('says in one line that there is no GPU', async () => {
  await expect(openNative(EMBER, { device: 'cuda:9' })).rejects.toThrow(/^[^\n]*(CUDA|GPU)[^\n]*$/)
})
