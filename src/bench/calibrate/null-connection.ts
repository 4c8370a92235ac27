import type { Socket } from 'node:net'
import { type NullAnswers, type NullApi, reply } from './null-answers.ts'
import { type NullRequest, readRequest } from './null-request.ts'
import type { Pacer } from './pacer.ts'

const HEAD_END = '\r\n\r\n'
/** Nothing that a benchmark sends comes near. */
const LARGEST_HEAD = 64 * 2 ** 10
const LARGEST_BODY = 64 * 2 ** 20

const APIS: Readonly<Record<string, NullApi>> = { '/v1/chat/completions': 'chat', '/v1/completions': 'text' }

/** As a vLLM would, which takes token ids and counts on nothing but the usage. */
const MODEL = {
  id: 'null',
  object: 'model',
  created: 0,
  owned_by: 'vllm',
  max_model_len: 2 ** 24,
  meta: { n_vocab: 32_000, n_ctx: 2 ** 24, n_params: 0 },
}
const MODELS = reply(200, { object: 'list', data: [MODEL] })
const NOT_FOUND = reply(404, { error: { message: 'a null server has no such route', type: 'not_found' } })
const TOO_LARGE = reply(400, { error: { message: 'larger than a null server reads', type: 'invalid_request_error' } })

/** One client's connection: requests come one after the other, and each is answered before the next is read. */
export class NullConnection {
  /** What came of a request that is not whole yet. */
  #pieces: Buffer[] = []
  #had = 0
  /** Bytes of it, as far as is known. */
  #needed = 0

  constructor(
    private readonly socket: Socket,
    private readonly answers: NullAnswers,
    private readonly pacer: Pacer,
  ) {
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
    // Whoever goes away has no more to be told.
    socket.on('error', () => socket.destroy())
  }

  #read(bytes: Buffer): void {
    this.#pieces.push(bytes)
    this.#had += bytes.length
    if (this.#had < this.#needed) return
    const all = this.#pieces.length === 1 ? bytes : Buffer.concat(this.#pieces)
    const headLength = all.indexOf(HEAD_END) + HEAD_END.length
    const head = headLength < HEAD_END.length ? undefined : all.toString('latin1', 0, headLength)
    const bodyLength = head === undefined ? 0 : contentLength(head)
    if (bodyLength > LARGEST_BODY || (head ?? all).length > LARGEST_HEAD) this.socket.end(TOO_LARGE)
    else if (head === undefined || all.length < headLength + bodyLength) {
      this.#pieces = [all]
      this.#needed = headLength + bodyLength
    } else {
      this.#pieces = []
      this.#had = this.#needed = 0
      this.#answer(readRequest(head, all.toString('latin1', headLength)))
    }
  }

  #answer(request: NullRequest): void {
    const api = Object.hasOwn(APIS, request.path) ? APIS[request.path] : undefined
    if (api !== undefined && request.method === 'POST') this.#complete(api, request)
    else this.socket.write(request.path === '/v1/models' ? MODELS : NOT_FOUND)
  }

  #complete(api: NullApi, { tokens, stream, usage, pace }: NullRequest): void {
    const { socket, answers, pacer } = this
    const { ttftMs, itlMs } = pace
    const atOnce = itlMs === 0 || tokens === 1 || !stream
    const begin = () => {
      if (!stream) socket.write(answers.whole(api, tokens))
      else if (atOnce) socket.write(answers.stream(api, tokens, usage))
      else this.#stream(api, tokens, usage, itlMs)
      return false
    }
    const wait = stream ? ttftMs : ttftMs + (tokens - 1) * itlMs
    if (wait > 0) pacer.every(wait, begin)
    else begin()
  }

  #stream(api: NullApi, tokens: number, usage: boolean, itlMs: number): void {
    const { socket } = this
    const { first, next, last } = this.answers.pieces(api, tokens, usage)
    let left = tokens - 1
    socket.write(first)
    this.pacer.every(itlMs, () => {
      if (socket.destroyed) return false
      left--
      socket.write(left > 0 ? next : last)
      return left > 0
    })
  }
}

function contentLength(head: string): number {
  return Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
}
