import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type JobsOptions, readJobs } from './jobs.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-jobs-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function read(name: string, text: string, options?: JobsOptions) {
  const path = join(folder, name)
  writeFileSync(path, text)
  return readJobs(path, options)
}

const all = (jobs: ReturnType<typeof readJobs>) => Array.from({ length: jobs.length }, (_, i) => jobs.job(i))

test('a line is a job, as text or as a chat', () => {
  const asText = read('a.txt', 'One\nTwo\n')
  expect(all(asText)).toEqual([
    { index: 0, input: { text: 'One' } },
    { index: 1, input: { text: 'Two' } },
  ])
  expect(asText.chats).toBe(false)
  const asChat = read('a.txt', 'One\n', { as: 'chat' })
  expect(all(asChat)).toEqual([{ index: 0, input: { messages: [{ role: 'user', content: 'One' }] } }])
  expect(asChat.chats).toBe(true)
})

test('a line may say how long its answer is', () => {
  const jobs = read('a.jsonl', '{"prompt": "One", "max_tokens": 5, "ignore_eos": true}\n"Two"')
  expect(all(jobs)).toEqual([
    { index: 0, input: { text: 'One' }, maxTokens: 5, ignoreEos: true },
    { index: 1, input: { text: 'Two' } },
  ])
})

test('of a dialogue the first turn is asked, and it is counted', () => {
  const conversations = ['Hi', 'Hello', 'More'].map((value, i) => ({ from: i % 2 === 0 ? 'human' : 'gpt', value }))
  const jobs = read('a.jsonl', `${JSON.stringify({ conversations })}\n{"prompt": "One"}`)
  expect(jobs.job(0)).toEqual({ index: 0, input: { messages: [{ role: 'user', content: 'Hi' }] } })
  expect([jobs.length, jobs.chats, jobs.cutShort]).toEqual([2, true, 1])
})

test('a file without prompts is no jobs', () => {
  for (const name of ['a.txt', 'a.jsonl']) expect(read(name, '\n').length).toBe(0)
  expect(read('a.json', '[]').length).toBe(0)
})

test('the digest tells apart whatever makes other answers, and nothing else', () => {
  const settings = { temperature: 0, stop: ['a', 'b'], maxTokens: undefined }
  const { digest } = read('a.txt', 'One', { settings })
  expect(digest).toMatch(/^[\da-f]{64}$/)
  expect(read('b.txt', 'One', { settings: { stop: ['a', 'b'], temperature: 0 }, as: 'text' }).digest).toBe(digest)
  const others = [
    read('a.txt', 'One ', { settings }),
    read('a.txt', 'One', { settings, as: 'chat' }),
    read('a.txt', 'One', { settings: { ...settings, temperature: 1 } }),
    read('a.txt', 'One', { settings: { ...settings, stop: ['b', 'a'] } }),
    read('a.txt', 'One'),
  ]
  expect(new Set([digest, ...others.map(each => each.digest)]).size).toBe(6)
})

test('what is no file of prompts is refused', () => {
  expect(() => read('a.jsonl', '{')).toThrow(expect.objectContaining({ code: 'bad_work_file' }))
  expect(() => readJobs(join(folder, 'nowhere'))).toThrow('there is no such file')
})
