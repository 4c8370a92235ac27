import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Engine, type Input, UnauthorizedError, UnsupportedError } from '../../engine/index.ts'
import { createMockEngine } from '../../mock/index.ts'
import type { LoadSpec } from '../load/load.ts'
import { openWork } from './open-work.ts'
import type { SyntheticSpec } from './synthetic-work.ts'
import type { LengthSpec } from './work.ts'

const CLOSED: LoadSpec = { kind: 'closed', concurrency: 1 }
const FORMS = ['tokens', 'text', 'chat'] as const

const fixed = (tokens: number): LengthSpec => ({ kind: 'fixed', tokens })
const spec = (more: Partial<SyntheticSpec> = {}): SyntheticSpec => ({
  kind: 'synthetic',
  prompt: fixed(200),
  output: fixed(16),
  as: 'tokens',
  ...more,
})

async function firstAsks(
  work: SyntheticSpec,
  count: number,
  { seed = 1, load = CLOSED, engine = createMockEngine() } = {},
) {
  const opened = await openWork(work, load, seed, engine)
  return Array.from({ length: count }, (_, index) => opened.dialogue(index).next(undefined)!)
}

async function firstIds(work: SyntheticSpec, count: number, more?: { seed?: number; load?: LoadSpec }) {
  const engine = createMockEngine()
  const asks = await firstAsks(work, count, { ...more, engine })
  return await Promise.all(asks.map(({ input }) => engine.tokenize(input)))
}

describe.each(FORMS)('as %s', as => {
  test('prompts have as many tokens as they should, by the target’s own count', async () => {
    const engine = createMockEngine()
    const work = spec({ as, prompt: { kind: 'uniform', min: 40, max: 300 } })
    const asks = await firstAsks(work, 50, { engine })
    for (const { input, promptTokens } of asks) expect(await engine.tokenize(input)).toHaveLength(promptTokens!)
    const lengths = asks.map(({ promptTokens }) => promptTokens!)
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(40)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(300)
    expect(new Set(lengths).size).toBeGreaterThan(25)
  })

  test('no two prompts begin alike, but for what all have before them', async () => {
    const ids = await firstIds(spec({ as, prompt: fixed(64) }), 500)
    expect(new Set(ids.map(prompt => prompt.slice(0, 16).join())).size).toBe(500)
  })

  test('shared prefixes are dealt round robin, and the rest is each prompt’s own', async () => {
    const ids = await firstIds(spec({ as, sharedPrefix: 64, prefixes: 3 }), 9)
    const beginnings = ids.map(prompt => prompt.slice(0, 64).join())
    expect(beginnings.slice(3)).toEqual([...beginnings.slice(0, 3), ...beginnings.slice(0, 3)])
    expect(new Set(beginnings).size).toBe(3)
    expect(new Set(ids.map(prompt => prompt.slice(64, 80).join())).size).toBe(9)
    for (const prompt of ids) expect(prompt).toHaveLength(200)
  })

  test('all follows from seed and index; a variant changes words and no lengths', async () => {
    const work = spec({
      as,
      prompt: { kind: 'normal', mean: 100, deviation: 20 },
      output: { kind: 'uniform', min: 1, max: 99 },
    })
    const asks = await firstAsks(work, 20)
    expect(await firstAsks(work, 20)).toEqual(asks)
    const lengths = (all: typeof asks) => all.map(({ promptTokens, maxTokens }) => [promptTokens, maxTokens])
    const varied = await firstAsks({ ...work, variant: 1 }, 20)
    expect(lengths(varied)).toEqual(lengths(asks))
    for (const [i, { input }] of varied.entries()) expect(input).not.toEqual(asks[i]!.input)
    expect(lengths(await firstAsks(work, 20, { seed: 2 }))).not.toEqual(lengths(asks))
  })
})

test('an output has as many tokens as drawn, whatever the model would end with', async () => {
  const [ask] = await firstAsks(spec({ output: fixed(33) }), 1)
  expect(ask).toMatchObject({ maxTokens: 33, ignoreEos: true, sampling: { temperature: 0 } })
})

test('where only so many are distinct, they come again', async () => {
  const asks = await firstAsks(spec({ distinct: 3 }), 7)
  expect(asks.slice(3)).toEqual([...asks.slice(0, 3), asks[0]])
  expect(asks[1]).not.toEqual(asks[0])
})

test('ids keep clear of special tokens', async () => {
  const ids = (await firstIds(spec({ prompt: fixed(5000) }), 1))[0]!
  expect(Math.min(...ids)).toBeGreaterThanOrEqual(1000)
  expect(Math.max(...ids)).toBeLessThan(32_000 * 0.95)
})

describe('several turns', () => {
  test('a chat grows with its answers', async () => {
    const work = await openWork(spec({ as: 'chat', turns: 3, prompt: fixed(20) }), CLOSED, 1, createMockEngine())
    const dialogue = work.dialogue(0)
    const [first, second, third] = [dialogue.next(undefined)!, dialogue.next('yes')!, dialogue.next('no')!]
    expect(dialogue.next('over')).toBeUndefined()
    expect(rolesOf(third.input)).toEqual(['user', 'assistant', 'user', 'assistant', 'user'])
    expect(messagesOf(third.input).slice(0, 3)).toEqual(messagesOf(second.input))
    expect(messagesOf(second.input).slice(0, 1)).toEqual(messagesOf(first.input))
    expect(messagesOf(third.input)[3]).toEqual({ role: 'assistant', content: 'no' })
    // How the template puts an answer is the target's to say.
    expect([first, second, third].map(({ promptTokens }) => promptTokens)).toEqual([20, undefined, undefined])
  })

  test('a text grows with its answers', async () => {
    const work = await openWork(spec({ as: 'text', turns: 2 }), CLOSED, 1, createMockEngine())
    const dialogue = work.dialogue(0)
    const first = dialogue.next(undefined)!.input as { text: string }
    const second = dialogue.next(' and so on')!.input as { text: string }
    expect(second.text.startsWith(`${first.text} and so on\n`)).toBe(true)
  })

  test('ids cannot follow an answer', async () => {
    await expect(openWork(spec({ turns: 2 }), CLOSED, 1, createMockEngine())).rejects.toMatchObject({
      code: 'unsupported',
      message: 'answers are text, which ids cannot follow: send several turns as text or chat',
    })
  })
})

describe('what the target knows of tokens', () => {
  const failing = (error: Error): Engine => ({
    ...createMockEngine(),
    info: createMockEngine().info,
    tokenize: () => Promise.reject(error),
  })

  test('where it does not count, words do, and nobody says how many tokens they are', async () => {
    const asks = await firstAsks(spec({ as: 'text' }), 1, { engine: failing(new UnsupportedError('no')) })
    expect(asks[0]!.promptTokens).toBeUndefined()
    expect((asks[0]!.input as { text: string }).text.split(' ')).toHaveLength(200)
  })

  test('where it lets nobody in, that is said', async () => {
    const engine = failing(new UnauthorizedError('who are you?'))
    await expect(openWork(spec({ as: 'chat' }), CLOSED, 1, engine)).rejects.toThrow('who are you?')
  })

  test('words that are several tokens are not used', async () => {
    const mock = createMockEngine()
    const picky: Engine = {
      ...mock,
      info: mock.info,
      tokenize: async input =>
        textOf(input)
          .split(' ')
          .flatMap(word => (word === 'The' ? [3] : word.length > 3 ? [1, 2] : [1])),
    }
    const [ask] = await firstAsks(spec({ as: 'text' }), 1, { engine: picky })
    expect(ask!.promptTokens).toBe(200)
    expect(textOf(ask!.input)).toMatch(/^The( \w{1,3}){199}$/)
  })

  test('where no words are one token, there are fewer of them', async () => {
    const mock = createMockEngine()
    const letters: Engine = { ...mock, info: mock.info, tokenize: async input => [...textOf(input)].map(() => 1) }
    const [ask] = await firstAsks(spec({ as: 'text', prompt: fixed(1000) }), 1, { engine: letters })
    expect(ask!.promptTokens).toBeUndefined()
    expect(Math.abs(textOf(ask!.input).length / 1000 - 1)).toBeLessThan(0.1)
  })

  test('ids need to know the vocabulary', async () => {
    const engine = { ...createMockEngine(), info: { ...createMockEngine().info, vocabSize: 0 } } as Engine
    await expect(openWork(spec(), CLOSED, 1, engine)).rejects.toMatchObject({
      code: 'unsupported',
      message: 'mock does not tell the size of its vocabulary: send prompts as text or chat',
    })
  })

  test('what cannot fit its context is refused once', async () => {
    const engine = createMockEngine({ contextLength: 128 })
    await expect(openWork(spec(), CLOSED, 1, engine)).rejects.toMatchObject({
      code: 'unsupported',
      message: "prompts and answers of up to 216 tokens together do not fit the 128 of mock's context",
    })
  })
})

test('a trace brings its lengths, and prompts that share what they shared when recorded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'warpline-trace-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'trace.jsonl')
  const line = (at: number, input: number, output: number, ids: readonly number[]) =>
    JSON.stringify({ timestamp: at, input_length: input, output_length: output, hash_ids: ids })
  writeFileSync(path, [line(0, 1100, 5, [7, 8, 9]), line(10, 700, 6, [7, 10]), line(20, 700, 7, [11, 10])].join('\n'))
  const ids = await firstIds(spec(), 4, { load: { kind: 'trace', path } })
  expect(ids.map(({ length }) => length)).toEqual([1100, 700, 700, 1100])
  expect(ids[1]!.slice(0, 512)).toEqual(ids[0]!.slice(0, 512))
  expect(ids[1]!.slice(512, 528)).not.toEqual(ids[0]!.slice(512, 528))
  expect(ids[2]!.slice(0, 16)).not.toEqual(ids[1]!.slice(0, 16))
  const asks = await firstAsks(spec(), 3, { load: { kind: 'trace', path } })
  expect(asks.map(({ maxTokens }) => maxTokens)).toEqual([5, 6, 7])
})

function textOf(input: Input): string {
  return 'text' in input ? input.text : ''
}

function messagesOf(input: Input) {
  return 'messages' in input ? input.messages : []
}

function rolesOf(input: Input): string[] {
  return messagesOf(input).map(({ role }) => role)
}
