import { expect, test } from 'vitest'
import { collect, type Event } from './index.ts'

async function* events(...list: Event[]): AsyncGenerator<Event> {
  yield* list
}

const start: Event = { type: 'start', promptTokens: 3, cachedTokens: 0 }
const end = { finishReason: 'length', completionTokens: 2 } as const
const done: Event = {
  type: 'done',
  choices: [end, end],
  usage: { promptTokens: 3, cachedTokens: 0, completionTokens: 4 },
  timings: { queuedMs: 0, prefillMs: 0, decodeMs: 0 },
}
const logprob = { id: 1, token: 'a', bytes: [97], logprob: -1, top: [] }

test('joins each choice on its own, a silent one included', async () => {
  const { choices, done: ended } = await collect(
    events(
      start,
      { type: 'tokens', choice: 1, ids: [1], text: 'a', logprobs: [logprob] },
      { type: 'tokens', choice: 1, ids: [2, 3], text: 'bc', logprobs: [logprob, logprob] },
      done,
    ),
  )
  expect(choices).toEqual([
    { text: '', ids: [] },
    { text: 'abc', ids: [1, 2, 3], logprobs: [logprob, logprob, logprob] },
  ])
  expect(ended).toBe(done)
})

test.each<[string, Event[]]>([
  ['the engine sent done before start', [done]],
  ['the engine sent start twice', [start, start]],
  ['the engine sent start after done', [start, done, start]],
  ['the engine ended a request without done', [start]],
])('%s', async (message, list) => {
  await expect(collect(events(...list))).rejects.toThrow(message)
})
