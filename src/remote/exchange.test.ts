import fc from 'fast-check'
import type { Dispatcher } from 'undici'
import { expect, test } from 'vitest'
import { type Collected, collect, EventStream, UNKNOWN_TOKEN } from '../engine/index.ts'
import { Answer } from './answer.ts'
import { Connection } from './connection.ts'
import { Exchange } from './exchange.ts'
import { sse } from './testing/fake-server.ts'

const connection = new Connection({ origin: 'http://127.0.0.1:1', prefix: '', text: 'here' }, undefined, {})
const controller = { pause() {}, resume() {}, abort() {} } as unknown as Dispatcher.DispatchController

/** What is made of an answer that comes in these reads of the socket. */
async function read(chunks: readonly Buffer[], n: number): Promise<Collected & { readonly events: number }> {
  const stream = new EventStream(
    () => undefined,
    () => undefined,
  )
  const answer = new Answer(stream, n, 0)
  const exchange = new Exchange(
    connection,
    answer,
    {
      arrived: () => stream.wake(),
      over(error) {
        if (error) stream.fail(error)
        else stream.push(answer.done())
        stream.wake()
      },
    },
    'completions',
    0,
  )
  let events = 0
  const collected = collect(stream, event => {
    if (event.type === 'tokens') events++
  })
  exchange.onRequestStart(controller)
  exchange.onResponseStart(controller, 200, { 'content-type': 'text/event-stream' })
  for (const chunk of chunks) exchange.onResponseData(controller, chunk)
  exchange.onResponseEnd()
  return { ...(await collected), events }
}

test('however the bytes of an answer are split, it is the same answer', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 6 })
  const piece = fc.record({
    index: fc.nat(2),
    text,
    ids: fc.option(fc.array(fc.nat(9), { maxLength: 3 }), { nil: undefined }),
  })
  const cuts = fc.array(fc.nat(4000), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), cuts, fc.boolean(), async (pieces, cuts, says) => {
      const frames = [
        ...pieces.map(({ index, text, ids }) =>
          sse({ id: 'c', choices: [{ index, text, finish_reason: null, ...(ids && { token_ids: ids }) }] }),
        ),
        ...[0, 1, 2].map(index => sse({ choices: [{ index, text: '', finish_reason: 'length' }] })),
        ...(says ? [sse('[DONE]')] : []),
      ]
      const bytes = Buffer.from(frames.join(': ping\r\n\r\n'))
      const places = [...new Set([0, ...cuts.map(cut => cut % bytes.length), bytes.length])].sort((a, b) => a - b)
      const chunks = places.slice(1).map((place, i) => bytes.subarray(places[i], place))
      const { events, ...split } = await read(chunks, 3)
      expect(events).toBeLessThanOrEqual(3 * chunks.length)

      const { events: _, ...whole } = await read([bytes], 3)
      expect(split).toEqual(whole)
      for (const [index, choice] of split.choices.entries()) {
        const own = pieces.filter(piece => piece.index === index)
        expect(choice.text).toBe(own.map(({ text }) => text).join(''))
        expect(choice.ids).toEqual(own.flatMap(({ text, ids }) => ids ?? (text === '' ? [] : [UNKNOWN_TOKEN])))
      }
    }),
    { numRuns: 200 },
  )
})
