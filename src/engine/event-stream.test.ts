import { describe, expect, test } from 'vitest'
import { EventStream, UNREAD_LIMIT } from './event-stream.ts'
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

describe('a reader that falls behind', () => {
  const slow = () => {
    const calls: boolean[] = []
    const stream = new EventStream(Function.prototype as () => void, Function.prototype as () => void, paused =>
      calls.push(paused),
    )
    return { calls, stream }
  }
  const fill = (stream: EventStream, count: number, choices = 1) => {
    for (let id = 0; id < count; id++) stream.push(tokens(id % choices, id))
    stream.wake()
  }

  test('is told of at the limit, over all choices, and again when it has fetched everything', async () => {
    const { calls, stream } = slow()
    const first = stream.next()
    stream.push({ type: 'start', promptTokens: 1, cachedTokens: 0 })
    fill(stream, UNREAD_LIMIT - 1, 2)
    await first
    expect(calls).toEqual([])
    fill(stream, 1)
    fill(stream, 9)
    expect(calls).toEqual([true])
    await stream.next()
    expect(calls).toEqual([true])
    await stream.next()
    expect(calls).toEqual([true, false])
    fill(stream, UNREAD_LIMIT)
    expect(calls).toEqual([true, false, true])
  })

  test('is not, while it waits: it gets however many one step brings', async () => {
    const { calls, stream } = slow()
    const next = stream.next()
    fill(stream, 3 * UNREAD_LIMIT)
    expect((await next).value).toMatchObject({ ids: { length: 3 * UNREAD_LIMIT } })
    expect(calls).toEqual([])
  })

  test('is of no interest once the request has ended', async () => {
    const { calls, stream } = slow()
    void stream.next()
    stream.push({ type: 'start', promptTokens: 1, cachedTokens: 0 })
    fill(stream, UNREAD_LIMIT)
    stream.push(done)
    stream.wake()
    for await (const _ of stream);
    expect(calls).toEqual([true])

    const failed = slow()
    void failed.stream.next()
    failed.stream.push({ type: 'start', promptTokens: 1, cachedTokens: 0 })
    fill(failed.stream, UNREAD_LIMIT)
    failed.stream.fail(new AbortedError())
    await expect(failed.stream.next()).rejects.toBeInstanceOf(AbortedError)
    expect(failed.calls).toEqual([true])
  })
})
