import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChunkTemplate } from './chunk-template.ts'

const chunk = (delta: object, more: object = {}, around: object = {}) =>
  JSON.stringify({ id: 'c', created: 1, choices: [{ index: 0, delta, logprobs: null, ...more }], ...around })

/** What becomes of each chunk of a stream: undefined where it had to be parsed. */
function readAll(stream: readonly string[]) {
  const template = new ChunkTemplate()
  return stream.map(data => {
    const known = template.read(data)
    if (known === undefined) template.learn(data, JSON.parse(data))
    return known
  })
}

test.each<[string, (text: string) => string]>([
  ['of a chat', text => chunk({ content: text }, { finish_reason: null })],
  ['with its role', text => chunk({ role: 'assistant', content: text })],
  ['of a completion', text => JSON.stringify({ choices: [{ index: 0, text, finish_reason: null }] })],
  ['that will end with its usage', text => chunk({ content: text }, {}, { usage: null })],
])('after one chunk %s the next is known', (_, make) => {
  const said = (text: string) => ({ choice: 0, text, ids: undefined })
  expect(readAll(['Hé', 'llo', ''].map(make))).toEqual([undefined, said('llo'), said('')])
})

test('with its ids, however many', () => {
  const make = (ids: number[]) => chunk({ content: 'a' }, { token_ids: ids, finish_reason: null })
  const said = (ids: number[]) => ({ choice: 0, text: 'a', ids })
  expect(readAll([[1], [], [2, 34, 567]].map(make))).toEqual([undefined, said([]), said([2, 34, 567])])
})

test.each<[string, string]>([
  ['an escape', chunk({ content: 'a\n' })],
  ['a quote', chunk({ content: 'a"' })],
  ['an end', chunk({ content: '' }, { finish_reason: 'stop' })],
  ['a usage', chunk({ content: 'a' }, {}, { usage: { prompt_tokens: 1 } })],
  ['likelihoods', chunk({ content: 'a' }, { logprobs: { content: [] } })],
  ['thoughts', chunk({ content: 'a', reasoning_content: 'b' })],
  ['another choice', chunk({ content: 'a' }, { index: 1 })],
  ['an id below 0', chunk({ content: 'a' }, { token_ids: [-1] })],
  ['ids before its text', JSON.stringify({ choices: [{ index: 0, token_ids: [1], delta: { content: 'a' } }] })],
])('a chunk with %s is parsed', (_, data) => {
  expect(readAll([chunk({ content: 'a' }), data, data])[1]).toBeUndefined()
})

test('a stream in which nothing repeats is never taken for one in which it does', () => {
  const told = readAll(Array.from({ length: 100 }, (_, i) => chunk({ content: 'a' }, {}, { obfuscation: `${i}` })))
  expect(told.every(known => known === undefined)).toBe(true)
})

test('what is told without being parsed is what parsing would tell', () => {
  const text = fc.oneof(
    fc.constantFrom('', '"', '\\', '","', '"content":"', '"text":"', '\n', '\\"', '"},"finish_reason":"stop', ']'),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  )
  const ids = fc.option(fc.array(fc.nat(), { maxLength: 3 }), { nil: undefined })
  const note = fc.option(text, { nil: undefined })
  const about = fc.record({ id: text, index: fc.nat({ max: 1 }), chat: fc.boolean(), before: note, behind: note })
  const said = fc.record({ text, ids, finish: fc.constantFrom(null, null, null, 'stop') })
  let known = 0
  fc.assert(
    fc.property(about, fc.array(said, { minLength: 2, maxLength: 8 }), (about, all) => {
      const { id, index, chat, before, behind } = about
      const stream = all.map(({ text, ids, finish }) => {
        const content = chat ? { delta: { content: text } } : { text }
        return { id, choices: [{ index, before, ...content, behind, token_ids: ids, finish_reason: finish }] }
      })
      const told = readAll(stream.map(event => JSON.stringify(event)))
      for (const [i, { text, ids, finish }] of all.entries()) {
        if (told[i] === undefined) continue
        known++
        expect(told[i]).toEqual({ choice: index, text, ids })
        expect(finish).toBeNull()
      }
    }),
    { numRuns: 500 },
  )
  expect(known).toBeGreaterThan(100)
})
