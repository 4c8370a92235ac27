import { chat, chatText, complete, completionText, streamChat, streamCompletion } from '../ask.ts'
import { type Check, demand, demandEqual, demandText, Skip } from '../check.ts'
import type { ChatChunk } from '../shapes.ts'

export const streaming: readonly Check[] = [
  {
    id: 'streaming.chat',
    item: 5,
    what: 'a chat streamed says what it says whole, at temperature 0',
    async run(context) {
      const whole = await chat(context)
      const { chunks } = await streamChat(context)
      demandText(chatText(chunks), whole.choices[0]?.message.content ?? '', 'the text')
      demandEqual(finishOf(chunks), whole.choices[0]?.finish_reason, 'finish_reason')
    },
  },
  {
    id: 'streaming.completion',
    item: 5,
    what: 'a completion streamed says what it says whole, at temperature 0',
    async run(context) {
      const whole = await complete(context)
      const { chunks } = await streamCompletion(context)
      demandText(completionText(chunks), whole.choices[0]?.text ?? '', 'the text')
      const reasons = chunks.flatMap(({ choices }) => choices.map(choice => choice.finish_reason)).filter(Boolean)
      demandEqual(reasons, [whole.choices[0]?.finish_reason], 'finish_reason')
    },
  },
  {
    id: 'streaming.pieces',
    item: 5,
    what: 'an answer comes in pieces, as server-sent events that are not to be cached',
    async run(context) {
      const { chunks, headers } = await streamChat(context)
      const pieces = chunks.filter(({ choices }) => choices.some(({ delta }) => delta.content))
      demand(pieces.length > 1, `expected pieces, got ${pieces.length} for ${JSON.stringify(chatText(chunks))}`)
      demand(headers['content-length'] === undefined, 'the stream has a Content-Length')
      if (!/no-cache|no-store/.test(headers['cache-control'] ?? '')) context.tolerate('no Cache-Control: no-cache')
    },
  },
  {
    id: 'streaming.one-id',
    item: 5,
    what: 'all chunks bear one id, one model, one time; whole answers bear others',
    async run(context) {
      const { chunks } = await streamChat(context)
      for (const field of ['id', 'model', 'created'] as const) {
        const values = new Set(chunks.map(chunk => chunk[field]))
        demand(values.size === 1, `expected one ${field}, got ${[...values].slice(0, 3).join(', ')}`)
      }
      demand((await chat(context)).id !== chunks[0]?.id, 'two answers bear the same id')
    },
  },
  {
    id: 'streaming.role',
    item: 5,
    what: 'the first delta has the role, and no other has',
    async run(context) {
      const { chunks } = await streamChat(context)
      const roles = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta.role ?? undefined))
      demandEqual(roles[0], 'assistant', 'the first delta’s role')
      const again = roles.slice(1).filter(role => role !== undefined)
      demand(again.length === 0, `${again.length} later deltas have a role, too`)
    },
  },
  {
    id: 'streaming.finish',
    item: 5,
    what: 'the last delta is empty and has the finish reason, and no other has',
    async run(context) {
      const { chunks } = await streamChat(context)
      const choices = chunks.flatMap(chunk => chunk.choices)
      const finished = choices.filter(({ finish_reason: reason }) => reason)
      demand(finished.length === 1, `expected one finish reason, got ${finished.length}`)
      demand(finished[0] === choices.at(-1), 'a delta follows the finish reason')
      if (finished[0]?.delta.content) context.tolerate('the last delta has text')
    },
  },
  {
    id: 'streaming.choices',
    item: 5,
    what: 'of n streamed, each has its role, its text and its finish reason',
    async run(context) {
      const fields = { n: 2, temperature: 1, seed: 7 }
      const whole = await chat(context, fields).catch(() => undefined)
      if (whole?.choices.length !== 2) throw new Skip('n of 2 is not answered')
      const { chunks } = await streamChat(context, fields)
      for (const index of [0, 1]) {
        const own = chunks.map(chunk => ({ ...chunk, choices: chunk.choices.filter(choice => choice.index === index) }))
        demandText(chatText(own, index), whole.choices[index]?.message.content ?? '', `the text of choice ${index}`)
        demandEqual(finishOf(own), whole.choices[index]?.finish_reason, `the finish reason of choice ${index}`)
        const roles = own.flatMap(({ choices }) => choices.map(({ delta }) => delta.role)).filter(Boolean)
        demandEqual(roles, ['assistant'], `the roles of choice ${index}`)
      }
    },
  },
]

function finishOf(chunks: readonly ChatChunk[]): unknown {
  return chunks.flatMap(({ choices }) => choices.map(choice => choice.finish_reason)).find(Boolean)
}
