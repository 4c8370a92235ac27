/** `chat`: of /v1/chat/completions. */
export type NullApi = 'chat' | 'text'

/** One token, the same every time. */
const TOKEN = ' null'

const STREAM_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n'
const LAST_CHUNK = '0\r\n\r\n'

/** Bytes of a stream of at least two tokens: the first with the head, each further one, and the last with the end. */
export interface StreamPieces {
  readonly first: Buffer
  readonly next: Buffer
  readonly last: Buffer
}

/** Answers as bytes, made once for each kind. */
export class NullAnswers {
  readonly #pieces = new Map<string, StreamPieces>()
  readonly #streams = new Map<string, Buffer>()
  readonly #wholes = new Map<string, Buffer>()

  pieces(api: NullApi, tokens: number, usage: boolean): StreamPieces {
    return cached(this.#pieces, `${api} ${tokens} ${usage}`, () => ({
      first: Buffer.from(STREAM_HEAD + chunk(event(api))),
      next: Buffer.from(chunk(event(api))),
      last: Buffer.from(chunk(event(api) + ending(api, tokens, usage)) + LAST_CHUNK),
    }))
  }

  /** A stream in one piece. */
  stream(api: NullApi, tokens: number, usage: boolean): Buffer {
    return cached(this.#streams, `${api} ${tokens} ${usage}`, () =>
      Buffer.from(STREAM_HEAD + chunk(event(api).repeat(tokens) + ending(api, tokens, usage)) + LAST_CHUNK),
    )
  }

  whole(api: NullApi, tokens: number): Buffer {
    return cached(this.#wholes, `${api} ${tokens}`, () => {
      const text = TOKEN.repeat(tokens)
      const content = api === 'chat' ? { message: { role: 'assistant', content: text } } : { text }
      const choices = [{ index: 0, ...content, finish_reason: 'length' }]
      return reply(200, { ...heading(api, ''), choices, usage: usageOf(tokens) })
    })
  }
}

/** A whole reply in JSON. */
export function reply(status: 200 | 400 | 404, body: object): Buffer {
  const text = JSON.stringify(body)
  const words = { 200: 'OK', 400: 'Bad Request', 404: 'Not Found' }[status]
  return Buffer.from(
    `HTTP/1.1 ${status} ${words}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
}

/** Lengths asked for are few, but a client may draw them at random. */
const MOST_KEPT = 4096

function cached<T>(map: Map<string, T>, key: string, make: () => T): T {
  let value = map.get(key)
  if (value === undefined) {
    if (map.size >= MOST_KEPT) map.clear()
    value = make()
    map.set(key, value)
  }
  return value
}

function heading(api: NullApi, streamed: '.chunk' | ''): object {
  return {
    id: 'null-0',
    object: api === 'chat' ? `chat.completion${streamed}` : 'text_completion',
    created: 0,
    model: 'null',
  }
}

function event(api: NullApi): string {
  const content = api === 'chat' ? { delta: { content: TOKEN } } : { text: TOKEN }
  return frame({ ...heading(api, '.chunk'), choices: [{ index: 0, ...content, finish_reason: null }] })
}

function ending(api: NullApi, tokens: number, usage: boolean): string {
  const content = api === 'chat' ? { delta: {} } : { text: '' }
  const finish = frame({ ...heading(api, '.chunk'), choices: [{ index: 0, ...content, finish_reason: 'length' }] })
  const counts = usage ? frame({ ...heading(api, '.chunk'), choices: [], usage: usageOf(tokens) }) : ''
  return `${finish}${counts}data: [DONE]\n\n`
}

/** Prompts are not read. */
function usageOf(tokens: number): object {
  return { prompt_tokens: 0, completion_tokens: tokens, total_tokens: tokens }
}

function frame(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`
}

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}
