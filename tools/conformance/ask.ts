import { type Context, demand, demandEqual, Failure, Skip, show } from './check.ts'
import { jsonOf, type Reply } from './http/client.ts'
import { type Frame, SseError, SseParser } from './http/sse.ts'
import {
  type ChatChunk,
  type ChatCompletion,
  chatChunk,
  chatCompletion,
  shaped,
  type TextChunk,
  type TextCompletion,
  textChunk,
  textCompletion,
} from './shapes.ts'

export const CHAT = '/v1/chat/completions'
export const COMPLETIONS = '/v1/completions'

export type Fields = Readonly<Record<string, unknown>>

/** A chat that most models answer in some length. Greedy, unless the fields say otherwise. */
export function chatFields({ model }: Context, fields: Fields = {}): Fields {
  const messages = [{ role: 'user', content: 'What is a prefix cache?' }]
  return { model, messages, temperature: 0, max_tokens: 24, ...fields }
}

/** Any token may come: bytes that no text would have, and something else with each seed, however sure a model is. */
export const WILD: Fields = {
  messages: [{ role: 'user', content: 'Ten random words, please' }],
  temperature: 2,
  top_p: 1,
  top_k: 0,
  min_p: 0,
  max_tokens: 64,
  ignore_eos: true,
}

export function completionFields({ model }: Context, fields: Fields = {}): Fields {
  return { model, prompt: 'A prefix cache is', temperature: 0, max_tokens: 24, ...fields }
}

export async function chat(context: Context, fields: Fields = {}): Promise<ChatCompletion> {
  const reply = await context.client.post(CHAT, chatFields(context, fields))
  return shaped(chatCompletion, ok(reply), 'the chat completion')
}

export async function complete(context: Context, fields: Fields = {}): Promise<TextCompletion> {
  const reply = await context.client.post(COMPLETIONS, completionFields(context, fields))
  return shaped(textCompletion, ok(reply), 'the completion')
}

/** What a stream said, frame by frame; `[DONE]` has been checked and taken off. */
export interface Streamed<Chunk> {
  readonly chunks: readonly Chunk[]
  readonly headers: Reply['headers']
  readonly comments: number
}

export async function streamChat(context: Context, fields: Fields = {}): Promise<Streamed<ChatChunk>> {
  const streamed = await readStream(context, CHAT, chatFields(context, { ...fields, stream: true }))
  return { ...streamed, chunks: streamed.chunks.map(chunk => shaped(chatChunk, chunk, 'a chunk')) }
}

export async function streamCompletion(context: Context, fields: Fields = {}): Promise<Streamed<TextChunk>> {
  const streamed = await readStream(context, COMPLETIONS, completionFields(context, { ...fields, stream: true }))
  return { ...streamed, chunks: streamed.chunks.map(chunk => shaped(textChunk, chunk, 'a chunk')) }
}

/** The status is 200; 501 says that the server knows it cannot. */
export function ok(reply: Reply): unknown {
  if (reply.status === 501) throw new Skip(`refused by name (501): ${messageOf(reply)}`)
  demand(reply.status === 200, `expected 200, got ${reply.status}: ${messageOf(reply)}`)
  return jsonOf(reply)
}

/** What an error says, or the body as it is. */
export function messageOf({ text }: Reply): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } }
    if (typeof error?.message === 'string') return error.message.slice(0, 160)
  } catch {}
  return show(text)
}

export async function readStream(context: Context, path: string, fields: Fields): Promise<Streamed<unknown>> {
  const { status, headers, body } = await context.client.open(path, { method: 'POST', body: fields })
  if (status !== 200) {
    const chunks: Buffer[] = []
    for await (const chunk of body) chunks.push(chunk)
    ok({ status, headers, text: Buffer.concat(chunks).toString() })
  }
  demand(
    /^text\/event-stream\b/.test(headers['content-type'] ?? ''),
    `expected Content-Type text/event-stream, got ${headers['content-type']}`,
  )
  const parser = new SseParser()
  const frames: Frame[] = []
  try {
    for await (const bytes of body) frames.push(...parser.push(bytes))
    frames.push(...parser.end())
  } catch (error) {
    if (error instanceof SseError) throw new Failure(error.message)
    throw error
  }
  demandEqual(frames.at(-1)?.data, '[DONE]', 'the last event')
  return { chunks: frames.slice(0, -1).map(parseFrame), headers, comments: parser.comments }
}

function parseFrame({ data }: Frame): unknown {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    throw new Failure(`an event is no JSON: ${show(data)}`)
  }
  if (typeof value === 'object' && value !== null && 'error' in value)
    throw new Failure(`the stream tells an error: ${show(value)}`)
  return value
}

/** All text of one choice of a chat's stream. */
export function chatText(chunks: readonly ChatChunk[], choice = 0): string {
  return chunks
    .flatMap(({ choices }) => choices.filter(({ index }) => index === choice).map(({ delta }) => delta.content ?? ''))
    .join('')
}

export function completionText(chunks: readonly TextChunk[], choice = 0): string {
  return chunks
    .flatMap(({ choices }) => choices.filter(({ index }) => index === choice).map(({ text }) => text))
    .join('')
}

let asked = 0

/** Words that no prompt of this run began with, so that nothing of it lies in a cache. */
export function unseen(words: number): string {
  asked++
  let state = (Date.now() % 1_000_003) * 7919 + asked
  const word = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return ['river', 'stone', 'cloud', 'lamp', 'green', 'seven', 'paper', 'north'][(state >>> 16) % 8]!
  }
  return `${asked} ${Array.from({ length: words }, word).join(' ')}`
}
