import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, UnsupportedError } from '../../engine/index.ts'
import { createMockEngine } from '../../mock/index.ts'
import type { FileSpec } from './file-work.ts'
import { openWork } from './open-work.ts'
import type { Work } from './work.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-work-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function open(
  name: string,
  text: string,
  more: Partial<FileSpec> = {},
  engine = createMockEngine(),
): Promise<Work> {
  const path = join(folder, name)
  writeFileSync(path, text)
  return await openWork({ kind: 'file', path, ...more }, { kind: 'closed', concurrency: 1 }, 1, engine)
}

const first = (work: Work, index: number) => work.dialogue(index).next(undefined)!

test('txt: a prompt a line, begun again when they are over', async () => {
  const work = await open('a.txt', '\ufeffOne\r\n\n# Two\n   \nThree')
  expect([0, 1, 2, 3].map(index => first(work, index).input)).toEqual([
    { text: 'One' },
    { text: '# Two' },
    { text: 'Three' },
    { text: 'One' },
  ])
  expect(first(work, 0)).toEqual({
    input: { text: 'One' },
    maxTokens: 128,
    ignoreEos: false,
    sampling: { temperature: 0 },
  })
  expect(work.dialogue(0).next('and then?')).toBeDefined()
})

test('text may be sent as a chat', async () => {
  const work = await open('a.txt', 'One', { as: 'chat', output: { kind: 'fixed', tokens: 3 }, sampling: { topK: 4 } })
  expect(first(work, 0)).toEqual({
    input: { messages: [{ role: 'user', content: 'One' }] },
    maxTokens: 3,
    ignoreEos: false,
    sampling: { topK: 4 },
  })
})

test('jsonl: comments and blank lines are skipped, and a line may say how long its answer is', async () => {
  const work = await open(
    'a.jsonl',
    '# from yesterday\n{"prompt": "One", "max_tokens": 5}\n\n{"messages": [{"role": "user", "content": "Two"}], "ignore_eos": true}\n"Three"',
  )
  expect([0, 1, 2].map(index => first(work, index))).toMatchObject([
    { input: { text: 'One' }, maxTokens: 5, ignoreEos: false },
    { input: { messages: [{ role: 'user', content: 'Two' }] }, maxTokens: 128, ignoreEos: true },
    { input: { text: 'Three' }, maxTokens: 128 },
  ])
})

const SHAREGPT = [
  { conversations: [{ from: 'gpt', value: 'nobody asked' }] },
  {
    conversations: [
      { from: 'system', value: 'Be short.' },
      { from: 'human', value: 'Hi' },
      { from: 'gpt', value: 'abcd abcd abcd' },
      { from: 'human', value: 'More' },
      { from: 'gpt', value: 'abcd abcd abcd abcd abcd' },
      { from: 'human', value: 'Bye' },
    ],
  },
]

describe.each([
  ['share.json', JSON.stringify(SHAREGPT)],
  ['share.jsonl', SHAREGPT.map(each => JSON.stringify(each)).join('\n')],
])('conversations of %s', (name, text) => {
  test('users’ turns are asked, each with the answer that was given, as long as the recorded one', async () => {
    const work = await open(name, text)
    const dialogue = work.dialogue(3)
    const asks = [dialogue.next(undefined)!, dialogue.next('Yes?')!, dialogue.next('No.')!]
    expect(dialogue.next('over')).toBeUndefined()
    expect(asks.map(({ maxTokens }) => maxTokens)).toEqual([3, 5, 128])
    expect(asks[2]!.input).toEqual({
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Yes?' },
        { role: 'user', content: 'More' },
        { role: 'assistant', content: 'No.' },
        { role: 'user', content: 'Bye' },
      ],
    })
  })
})

test('where the target does not count, answers are as long as asked', async () => {
  const mock = createMockEngine()
  const engine: Engine = { ...mock, info: mock.info, tokenize: () => Promise.reject(new UnsupportedError('no')) }
  const work = await open('share.json', JSON.stringify(SHAREGPT), { output: { kind: 'fixed', tokens: 9 } }, engine)
  expect(first(work, 0).maxTokens).toBe(9)
})

test('an answer at a chat’s end is what was recorded', async () => {
  const messages = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'abcd abcd' },
  ]
  const work = await open('m.jsonl', JSON.stringify({ messages }))
  expect(first(work, 0)).toMatchObject({ input: { messages: messages.slice(0, 1) }, maxTokens: 2 })
})

test('of many recorded answers, those beyond the first 256 are told from their letters', async () => {
  const answers = Array.from({ length: 400 }, (_, i) => `abcd ${'efgh '.repeat(i % 7)}${i + 1000}`)
  const lines = answers.map(value => ({
    conversations: [
      { from: 'human', value: 'Hi' },
      { from: 'gpt', value },
    ],
  }))
  const work = await open('many.jsonl', lines.map(line => JSON.stringify(line)).join('\n'))
  const lengths = answers.map((_, i) => first(work, i).maxTokens)
  expect(lengths.slice(0, 7)).toEqual([2, 3, 4, 5, 6, 7, 8])
  for (const [i, length] of lengths.slice(256).entries()) expect(Math.abs(length - ((256 + i) % 7) - 2)).toBeLessThan(2)
})

test('a model without a chat template takes no chats', async () => {
  const mock = createMockEngine()
  const engine = { ...mock, info: { ...mock.info, chat: false } } as Engine
  await expect(open('m.jsonl', '{"messages": [{"role": "user", "content": "Hi"}]}', {}, engine)).rejects.toMatchObject({
    code: 'unsupported',
    message: `mock has no chat template, and ${join(folder, 'm.jsonl')} is to be sent as chats`,
  })
})

test.each([
  ['a.txt', '\n \n', 'FILE: it holds no prompts'],
  ['a.jsonl', '# nothing', 'FILE: it holds no prompts'],
  ['a.jsonl', '{"prompt": "One"}\n\n{"prompt"', /^FILE:3: no JSON: /],
  ['a.jsonl', '7', 'FILE:1: expected an object, e.g. {"prompt": "Hello"}'],
  ['a.jsonl', '{"text": "Hi"}', 'FILE:1: expected one of "prompt", "messages" and "conversations"'],
  ['a.jsonl', '{"prompt": "Hi", "messages": []}', 'FILE:1: expected one of "prompt", "messages" and "conversations"'],
  ['a.jsonl', '{"prompt": ""}', 'FILE:1: the prompt is empty'],
  ['a.jsonl', '{"prompt": 7}', 'FILE:1: "prompt" must be text'],
  ['a.jsonl', '{"prompt": "Hi", "max_tokens": 0}', 'FILE:1: "max_tokens" must be a whole number from 1 on'],
  ['a.jsonl', '{"prompt": "Hi", "ignore_eos": 1}', 'FILE:1: "ignore_eos" must be true or false'],
  ['a.jsonl', '{"messages": []}', 'FILE:1: "messages" holds nothing to answer'],
  ['a.jsonl', '{"messages": {}}', 'FILE:1: "messages" must be a list'],
  [
    'a.jsonl',
    '{"messages": [{"role": "me", "content": ""}]}',
    'FILE:1: "messages"[0].role must be one of system, user, assistant, tool',
  ],
  ['a.jsonl', '{"messages": [{"role": "user"}]}', 'FILE:1: "messages"[0].content must be text'],
  [
    'a.jsonl',
    '{"conversations": [{"value": "Hi"}]}',
    /^FILE:1: "conversations"\[0\]\.from must be one of human, user, /,
  ],
  ['a.jsonl', '{"conversations": [{"from": "human"}]}', 'FILE:1: "conversations"[0].value must be text'],
  ['a.json', '{"prompt": "Hi"}', 'FILE: expected a list; an object a line is a .jsonl file'],
  ['a.json', '[{"prompt": "Hi"}, {}]', 'FILE: entry 2: expected one of "prompt", "messages" and "conversations"'],
  ['a.json', '[', /^FILE: no JSON: /],
])('%s: %j is refused before the run', async (name, text, message) => {
  const error = await open(name, text).catch(error => error)
  expect(error).toMatchObject({ code: 'bad_work_file' })
  const said = error.message.replace(join(folder, name), 'FILE')
  if (typeof message === 'string') expect(said).toBe(message)
  else expect(said).toMatch(message)
  expect(said).not.toContain('\n')
})

test.each([
  ['nowhere.txt', ': there is no such file'],
  ['.', ': it is a folder'],
])('%s', async (name, message) => {
  const path = join(folder, name)
  const opened = openWork({ kind: 'file', path }, { kind: 'closed', concurrency: 1 }, 1, createMockEngine())
  await expect(opened).rejects.toThrow(path + message)
})

test('a line without an end is refused', async () => {
  await expect(open('long.txt', `a\n${'b'.repeat(16 * 2 ** 20 + 1)}`)).rejects.toThrow(
    'long.txt:2: the line is longer than 16 MiB',
  )
})
