import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  AbortedError,
  type ContextLengthError,
  collect,
  type Engine,
  EngineClosedError,
  type Event,
  type GenerateRequest,
  InvalidRequestError,
  type SamplingParams,
  UNREAD_LIMIT,
} from '../src/engine/index.ts'

const PROMPT = 'Once upon a time'

const request = (sampling: SamplingParams = {}, rest: Partial<GenerateRequest> = {}): GenerateRequest => ({
  input: { text: PROMPT },
  sampling: { seed: 1, maxTokens: 8, ignoreEos: true, ...sampling },
  ...rest,
})

async function all(events: AsyncIterable<Event>): Promise<Event[]> {
  const list: Event[] = []
  for await (const event of events) list.push(event)
  return list
}

async function* of(events: readonly Event[]): AsyncGenerator<Event> {
  yield* events
}

/** Resolves once the engine holds nothing: the contract allows it the step that is under way. */
async function idle(engine: Engine): Promise<void> {
  await vi.waitFor(() => expect(engine.stats()).toMatchObject({ running: 0, waiting: 0, kvBlocksUsed: 0 }), {
    timeout: 10_000,
    interval: 1,
  })
}

/**
 * What every engine must keep, as cases of vitest.
 *
 * `makeEngine` opens an engine with a chat template, at least 4 slots and a context of at least 256 tokens; the suite closes it.
 * `elsewhere`: it speaks to what computes, and knows nothing of steps and blocks there.
 */
export function engineConformance(
  name: string,
  makeEngine: () => Engine | Promise<Engine>,
  { elsewhere = false }: { readonly elsewhere?: boolean } = {},
): void {
  describe(`${name} keeps the contract of an engine`, () => {
    let engine: Engine
    beforeEach(async () => {
      engine = await makeEngine()
    })
    afterEach(async () => {
      await engine.close()
    })

    test('start comes once and first, done once and last', async () => {
      const types = (await all(engine.generate(request()))).map(event => event.type)
      expect(types[0]).toBe('start')
      expect(types.at(-1)).toBe('done')
      expect(types.slice(1, -1).every(type => type === 'tokens')).toBe(true)
    })

    test('an ended iteration stays ended', async () => {
      const iterator = engine.generate(request())[Symbol.asyncIterator]()
      let result = await iterator.next()
      while (!result.done) result = await iterator.next()
      expect(await iterator.next()).toEqual({ done: true, value: undefined })
    })

    test('usage adds up', async () => {
      const prompt = await engine.tokenize({ text: PROMPT })
      const { start, choices, done } = await collect(engine.generate(request({ n: 2 })))
      expect(start.promptTokens).toBe(prompt.length)
      expect(done.usage).toMatchObject({ promptTokens: prompt.length, cachedTokens: start.cachedTokens })
      expect(done.usage.completionTokens).toBe(done.choices.reduce((sum, end) => sum + end.completionTokens, 0))
      for (const [i, choice] of choices.entries()) {
        expect(choice.ids).toHaveLength(8)
        expect(done.choices[i]).toEqual({ finishReason: 'length', completionTokens: 8 })
      }
      for (const ms of Object.values(done.timings)) expect(ms).toBeGreaterThanOrEqual(0)
    })

    test('the text is that of the ids', async () => {
      const { choices } = await collect(engine.generate(request({ skipSpecialTokens: false, temperature: 0 })))
      expect(choices[0]!.text).toBe(await engine.detokenize(choices[0]!.ids))
    })

    test('the pieces of a text are its bytes', async () => {
      const ids = await engine.tokenize({ text: PROMPT, addSpecialTokens: false })
      const bytes = Buffer.concat(await engine.pieces(ids))
      expect(bytes.toString().trimStart()).toBe((await engine.detokenize(ids)).trimStart())
    })

    test('text and its token ids are the same prompt', async () => {
      const tokens = await engine.tokenize({ text: PROMPT })
      const [fromText, fromTokens] = await Promise.all([
        collect(engine.generate(request({ temperature: 0 }))),
        collect(engine.generate(request({ temperature: 0 }, { input: { tokens } }))),
      ])
      expect(fromTokens.choices).toEqual(fromText.choices)
    })

    test('the same seed gives the same text, alone and among others', async () => {
      const alone = await collect(engine.generate(request()))
      const others = [2, 3, 4].map(seed => collect(engine.generate(request({ seed }))))
      const among = await collect(engine.generate(request()))
      expect(among.choices).toEqual(alone.choices)
      const texts = (await Promise.all(others)).map(({ choices }) => choices[0]!.text)
      expect(texts.some(text => text !== alone.choices[0]!.text)).toBe(true)
    })

    test('n answers are independent, and the first is what n = 1 gives', async () => {
      const one = await collect(engine.generate(request()))
      const three = await collect(engine.generate(request({ n: 3 })))
      expect(three.choices).toHaveLength(3)
      expect(three.choices[0]).toEqual(one.choices[0])
      expect(new Set(three.choices.map(({ text }) => text)).size).toBeGreaterThan(1)
    })

    test('maxTokens 0 processes the prompt and writes nothing', async () => {
      const { choices, done } = await collect(engine.generate(request({ maxTokens: 0 })))
      expect(choices).toEqual([{ text: '', ids: [] }])
      expect(done.choices).toEqual([{ finishReason: 'length', completionTokens: 0 }])
    })

    test('the context ends the output', async () => {
      const { contextLength } = engine.info
      const tokens = Array.from({ length: contextLength - 3 }, () => 5)
      const { choices, done } = await collect(engine.generate(request({ maxTokens: 100 }, { input: { tokens } })))
      expect(choices[0]!.ids).toHaveLength(3)
      expect(done.choices[0]!.finishReason).toBe('length')
    })

    test('a stop string ends the output before itself and is never shown', async () => {
      const { text } = (await collect(engine.generate(request({ maxTokens: 16 })))).choices[0]!
      const stop = text.slice(Math.floor(text.length / 2), Math.floor(text.length / 2) + 3)
      const { choices, done } = await collect(engine.generate(request({ maxTokens: 16, stop: [stop, '\u0000'] })))
      expect(choices[0]!.text).toBe(text.slice(0, text.indexOf(stop)))
      expect(done.choices[0]).toMatchObject({ finishReason: 'stop', stop })
      expect(done.choices[0]!.completionTokens).toBeGreaterThanOrEqual(choices[0]!.ids.length)
    })

    test('a stop id ends the output and is not part of it', async () => {
      const { ids } = (await collect(engine.generate(request()))).choices[0]!
      const stop = ids[5]!
      const { choices, done } = await collect(engine.generate(request({ stopTokenIds: [stop] })))
      expect(choices[0]!.ids).toEqual(ids.slice(0, ids.indexOf(stop)))
      expect(done.choices[0]).toEqual({ finishReason: 'stop', stop, completionTokens: ids.indexOf(stop) + 1 })
    })

    test('log-probabilities come one for each token, the likeliest first', async () => {
      const { choices } = await collect(engine.generate(request({ logprobs: true, topLogprobs: 3 })))
      const { ids, logprobs } = choices[0]!
      expect(logprobs!.map(({ id }) => id)).toEqual(ids)
      for (const { logprob, token, bytes, top } of logprobs!) {
        expect(logprob).toBeLessThanOrEqual(0)
        expect(Buffer.from(bytes).toString()).toBe(token)
        expect(top).toHaveLength(3)
        expect(top.map(entry => entry.logprob)).toEqual(top.map(entry => entry.logprob).sort((a, b) => b - a))
      }
      const without = await all(engine.generate(request()))
      expect(without.some(event => 'logprobs' in event)).toBe(false)
    })

    test.each<[string, GenerateRequest]>([
      ['sampling.temperature', request({ temperature: -1 })],
      ['sampling.n', request({ n: 17 })],
      ['sampling.maxTokens', request({ maxTokens: -1 })],
      ['input.text', { input: { text: '' } }],
      ['input.tokens[0]', { input: { tokens: [2 ** 31] } }],
    ])('a wrong %s is refused by name', async (param, wrong) => {
      const error = await collect(engine.generate(wrong)).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(InvalidRequestError)
      expect((error as InvalidRequestError).param).toBe(param)
      expect(engine.stats()).toMatchObject({ running: 0, waiting: 0, promptTokens: 0, kvBlocksUsed: 0 })
    })

    test('a prompt that fills the context is refused with both lengths', async () => {
      const { contextLength } = engine.info
      const tokens = Array.from({ length: contextLength }, () => 5)
      await expect(collect(engine.generate({ input: { tokens } }))).rejects.toMatchObject({
        code: 'context_length_exceeded',
        promptTokens: contextLength,
        contextLength,
      })
    })

    test('a text is refused by its length where that is close, and by what is sure where it is far beyond', async () => {
      const { contextLength } = engine.info
      const text = ' time'.repeat(contextLength * 1.2)
      const promptTokens = (await engine.tokenize({ text })).length
      const close = { code: 'context_length_exceeded', promptTokens, contextLength, exact: true }
      await expect(collect(engine.generate({ input: { text } }))).rejects.toMatchObject(close)

      const input = { text: ' time'.repeat(contextLength * 20) }
      const long = { code: 'context_length_exceeded', contextLength, exact: false }
      const all = (await engine.tokenize(input)).length
      for (const refused of [collect(engine.generate({ input })), engine.tokenize(input, { limit: contextLength })]) {
        const error = await refused.catch((e: unknown) => e)
        expect(error).toMatchObject(long)
        const { promptTokens, message } = error as ContextLengthError
        expect(promptTokens).toBeGreaterThan(contextLength)
        expect(promptTokens).toBeLessThanOrEqual(all)
        expect(message).toContain(`the prompt has at least ${promptTokens} tokens and`)
      }
      expect(engine.stats()).toMatchObject({ running: 0, waiting: 0, promptTokens: 0, kvBlocksUsed: 0 })
    })

    test('nothing begins before the first next()', async () => {
      engine.generate({ input: { text: '' } })
      engine.generate(request())
      expect(engine.stats()).toMatchObject({ requests: 0, running: 0, waiting: 0 })
    })

    test('abort before: nothing begins', async () => {
      const signal = AbortSignal.abort()
      await expect(collect(engine.generate(request(), { signal }))).rejects.toBeInstanceOf(AbortedError)
      await idle(engine)
    })

    test('abort while waiting for the first event', async () => {
      const controller = new AbortController()
      const answer = collect(engine.generate(request({ maxTokens: 200 }), { signal: controller.signal }))
      controller.abort()
      await expect(answer).rejects.toBeInstanceOf(AbortedError)
      await idle(engine)
    })

    test('abort during the answer', async () => {
      const controller = new AbortController()
      const events = engine.generate(request({ maxTokens: 200, n: 2 }), { signal: controller.signal })
      const reading = (async () => {
        for await (const event of events) if (event.type === 'tokens') controller.abort()
      })()
      await expect(reading).rejects.toBeInstanceOf(AbortedError)
      expect(await events[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
      await idle(engine)
    })

    test('abort after done changes nothing', async () => {
      const controller = new AbortController()
      const events = await all(engine.generate(request(), { signal: controller.signal }))
      controller.abort()
      expect(events.at(-1)!.type).toBe('done')
      expect(engine.health().status).toBe('ready')
      await idle(engine)
    })

    test('leaving the loop early frees the request', async () => {
      for await (const event of engine.generate(request({ maxTokens: 200 }))) if (event.type === 'tokens') break
      await idle(engine)
    })

    test('two hundred requests at once all end, each with its own text', async () => {
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          collect(engine.generate(request({ seed: i % 10, maxTokens: 4 }, { priority: i % 3 }))),
        ),
      )
      for (const [i, { choices }] of answers.entries()) {
        expect(choices[0]!.ids).toHaveLength(4)
        expect(choices[0]!.text).toBe(answers[i % 10]!.choices[0]!.text)
      }
      await idle(engine)
      expect(engine.stats()).toMatchObject({ requests: 200, generatedTokens: 800 })
    })

    test('a slow reader misses nothing', async () => {
      const { choices } = await collect(engine.generate(request({ maxTokens: 40 })))
      const ids: number[] = []
      for await (const event of engine.generate(request({ maxTokens: 40 }))) {
        if (event.type === 'tokens') ids.push(...event.ids)
        await new Promise(resolve => setTimeout(resolve, 5))
      }
      expect(ids).toEqual(choices[0]!.ids)
    })

    test('prompts share cached prefixes where their salts are equal, and the text is the same either way', async () => {
      const tokens = Array.from({ length: 64 }, (_, i) => 5 + (i % 40))
      const under = (cacheSalt: string | undefined) =>
        collect(engine.generate(request({}, { input: { tokens }, ...(cacheSalt !== undefined && { cacheSalt }) })))
      const answers = []
      for (const salt of [undefined, 'mine', 'theirs', 'mine', '', undefined]) answers.push(await under(salt))
      const cached = answers.map(({ start }) => start.cachedTokens)
      expect(cached.slice(0, 3)).toEqual([0, 0, 0])
      for (const found of cached.slice(3)) expect(found).toBeGreaterThan(0)
      for (const { choices } of answers) expect(choices).toEqual(answers[0]!.choices)
    })

    describe('a reader that stops reading', () => {
      /** Enough tokens to reach the limit, whatever the context. */
      const long = request({ n: 3, maxTokens: 200 })
      /** Reads the first event, and then nothing, until the engine has held the request up. */
      const stop = async (signal?: AbortSignal) => {
        const events = engine.generate(long, signal ? { signal } : {})[Symbol.asyncIterator]()
        const first = await events.next()
        await vi.waitFor(() => expect(engine.stats().paused).toBe(3), { timeout: 20_000, interval: 1 })
        const list = first.done ? [] : [first.value]
        return { list, rest: { [Symbol.asyncIterator]: () => events } }
      }

      test('stops its own request and nothing else, and misses nothing', async () => {
        const alone = await collect(engine.generate(long))
        const before = engine.stats().generatedTokens
        const { list, rest } = await stop()
        const held = engine.stats().generatedTokens - before
        // What the engine had begun when it was told may still come: a step of three tokens or, on a busy machine, a few.
        expect(held).toBeGreaterThanOrEqual(UNREAD_LIMIT)
        expect(held).toBeLessThan(2 * UNREAD_LIMIT)

        const other = await collect(engine.generate(request({ maxTokens: 30 })))
        expect(other.choices[0]!.ids).toHaveLength(30)
        expect(engine.stats().generatedTokens - before).toBe(held + 30)
        expect(engine.stats()).toMatchObject({ running: 3, paused: 3 })

        for await (const event of rest) list.push(event)
        const { choices } = await collect(of(list))
        expect(choices).toEqual(alone.choices)
        await idle(engine)
        expect(engine.stats().paused).toBe(0)
      })

      test('is freed by an abort as any other', async () => {
        const controller = new AbortController()
        const { rest } = await stop(controller.signal)
        if (!elsewhere) expect(engine.stats().kvBlocksUsed).toBeGreaterThan(0)
        controller.abort()
        await expect(all(rest)).rejects.toBeInstanceOf(AbortedError)
        await idle(engine)
        expect(engine.stats().paused).toBe(0)
      })

      test('does not keep the engine from closing', async () => {
        const { rest } = await stop()
        await engine.close()
        await expect(all(rest)).rejects.toBeInstanceOf(EngineClosedError)
        expect(engine.stats()).toMatchObject({ running: 0, waiting: 0, paused: 0, kvBlocksUsed: 0 })
      })
    })

    test.skipIf(elsewhere)('steps are counted by how long they take and how much they do', async () => {
      await collect(engine.generate(request()))
      const { steps, promptTokens, cachedTokens } = engine.stats()
      const { stepMs, stepTokens } = engine.histograms()
      const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0)
      expect(total(stepMs.counts)).toBe(steps)
      expect(total(stepTokens.counts)).toBe(steps)
      expect(stepMs.sum).toBeGreaterThan(0)
      // Each token but the last one of the output was processed.
      expect(stepTokens.sum).toBe(promptTokens - cachedTokens + 8 - 1)
    })

    test('render gives the text whose tokens a chat begins with', async () => {
      const chat = { messages: [{ role: 'user', content: PROMPT }] } as const
      const text = await engine.render(chat)
      expect(text).toContain(PROMPT)
      expect(await engine.tokenize({ text, addSpecialTokens: false })).toEqual(await engine.tokenize(chat))
      expect(engine.info.chatTemplate).toMatch(/messages/)
      await expect(engine.render({ messages: [] })).rejects.toBeInstanceOf(InvalidRequestError)
    })

    test('close ends what runs, refuses what comes, and may be called again', async () => {
      const running = [1, 2].map(seed => collect(engine.generate(request({ seed, maxTokens: 200 }))))
      const outcomes = Promise.allSettled(running)
      await engine.close()
      for (const outcome of await outcomes)
        expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(EngineClosedError)
      await expect(collect(engine.generate(request()))).rejects.toBeInstanceOf(EngineClosedError)
      expect(engine.health().status).toBe('closed')
      await engine.close()
      expect(engine.stats()).toMatchObject({ running: 0, waiting: 0, kvBlocksUsed: 0 })
    })
  })
}
