import { expect, test } from 'vitest'
import { EventStream } from './event-stream.ts'
import { AbortedError, type DoneEvent, type TokensEvent } from './index.ts'

const tokens = (choice: number, id: number): TokensEvent => ({ type: 'tokens', choice, ids: [id], text: ` ${id}` })
const done = { type: 'done' } as DoneEvent
const open = () => new EventStream(Function.prototype as () => void, Function.prototype as () => void)

test('tokens that were not fetched become one event for each choice', async () => {
  const stream = open()
  const first = stream.next()
  stream.push({ type: 'start', promptTokens: 1, cachedTokens: 0 })
  for (const id of [1, 2, 3]) stream.push(tokens(id % 2, id))
  stream.push(done)
  stream.wake()
  const events = [(await first).value]
  for await (const event of stream) events.push(event)
  expect(events).toEqual([
    { type: 'start', promptTokens: 1, cachedTokens: 0 },
    { type: 'tokens', choice: 1, ids: [1, 3], text: ' 1 3' },
    { type: 'tokens', choice: 0, ids: [2], text: ' 2' },
    { type: 'done' },
  ])
})

test('a failure drops what was not fetched, is thrown once, and ends the iteration', async () => {
  const stream = open()
  const first = stream.next()
  stream.push(tokens(0, 1))
  stream.fail(new AbortedError())
  stream.wake()
  await expect(first).rejects.toBeInstanceOf(AbortedError)
  expect(await stream.next()).toEqual({ done: true, value: undefined })
})

test('calls of next that overtake each other are served in order', async () => {
  const stream = open()
  const results = [stream.next(), stream.next(), stream.next()]
  stream.push(tokens(0, 1))
  stream.wake()
  stream.push(tokens(0, 2))
  stream.push(done)
  stream.wake()
  const values = (await Promise.all(results)).map(({ value }) => value)
  expect(values).toEqual([tokens(0, 1), tokens(0, 2), done])
})

test('a reader that goes is told to the engine once, and one that never came not at all', async () => {
  let left = 0
  const stream = () => new EventStream(Function.prototype as () => void, () => left++)
  await stream().return()
  expect(left).toBe(0)
  const begun = stream()
  const waiting = begun.next()
  await begun.return()
  await begun.return()
  expect(left).toBe(1)
  expect(await waiting).toEqual({ done: true, value: undefined })
})
