import { describe, expect, test } from 'vitest'
import { collect, EventStream, type FinishReason } from '../engine/index.ts'
import { Answer } from './answer.ts'

function answerOf(n: number, ids: readonly number[] = []): { answer: Answer; stream: EventStream } {
  const stream = new EventStream(
    () => undefined,
    () => undefined,
  )
  return { stream, answer: new Answer(stream, n, 5, ids) }
}

test('what comes between two flushes is one event for each choice', async () => {
  const { answer, stream } = answerOf(2)
  answer.take(0, 'a', [1], undefined)
  answer.take(1, 'x', [7, 8], undefined)
  answer.take(0, 'b', [2], undefined)
  answer.take(0, '', undefined, undefined)
  answer.flush()
  answer.flush()
  const next = async () => (await stream.next()).value
  const first = next()
  stream.wake()
  expect(await first).toEqual({ type: 'start', promptTokens: 5, cachedTokens: 0 })
  expect(await next()).toEqual({ type: 'tokens', choice: 0, ids: [1, 2], text: 'ab' })
  expect(await next()).toEqual({ type: 'tokens', choice: 1, ids: [7, 8], text: 'x' })
})

test('one without text has a start and an end all the same', async () => {
  const { answer, stream } = answerOf(1)
  answer.finish(0, 'stop', undefined)
  answer.begin()
  stream.push(answer.done())
  const { choices, done } = await collect(stream)
  expect(choices).toEqual([{ text: '', ids: [] }])
  expect(done.usage).toEqual({ promptTokens: 5, cachedTokens: 0, completionTokens: 0 })
})

describe('tokens that no text tells of', () => {
  test.each<[string, [finish: FinishReason, tokens: number][], number, number[]]>([
    ['are those of the only choice', [['stop', 2]], 5, [5]],
    ['fewer than were seen: the server is right', [['length', 4]], 3, [3]],
    [
      'are those of the choices that stopped',
      [
        ['stop', 2],
        ['length', 4],
        ['stop', 1],
      ],
      9,
      [3, 4, 2],
    ],
    [
      'where there are more of them',
      [
        ['length', 4],
        ['stop', 1],
        ['stop', 1],
      ],
      9,
      [4, 3, 2],
    ],
    [
      'where none has stopped',
      [
        ['length', 1],
        ['length', 1],
      ],
      16,
      [8, 8],
    ],
  ])('%s', (_, choices, completionTokens, expected) => {
    const { answer } = answerOf(choices.length)
    for (const [index, [finish, tokens]] of choices.entries()) {
      answer.take(index, 'x'.repeat(tokens), Array(tokens).fill(1), undefined)
      answer.finish(index, finish, undefined)
    }
    answer.flush()
    answer.count(undefined, undefined, completionTokens)
    expect(answer.done().choices.map(end => end.completionTokens)).toEqual(expected)
  })
})

test('an end token of the model that is told is no stop that was asked for', () => {
  const { answer } = answerOf(3, [9])
  answer.finish(0, 'stop', 2)
  answer.finish(1, 'stop', 9)
  answer.finish(2, 'stop', 'word')
  expect(answer.done().choices.map(({ stop }) => stop)).toEqual([undefined, 9, 'word'])
  expect(answer.running).toBe(0)
})
