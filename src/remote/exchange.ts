import type { Dispatcher } from 'undici'
import { type EngineError, InternalError, OverloadedError, UnreachableError } from '../engine/index.ts'
import type { Answer } from './answer.ts'
import { ChunkTemplate } from './chunk-template.ts'
import type { Connection } from './connection.ts'
import { errorOfFrame, errorOfReply, quoted } from './error-of.ts'
import { readLlama } from './read-llama.ts'
import { readOpenAi } from './read-openai.ts'
import { queuedMsOf } from './read-timings.ts'
import { headerOf, isObject, type Json, jsonOf, type Reply } from './reply.ts'
import type { Route } from './request-body.ts'
import { SseParser } from './sse-parser.ts'
import { isHarmless, unreachable } from './unreachable.ts'

/** Of an answer that is no stream. */
const MAX_ANSWER_BYTES = 2 ** 28

type Controller = Dispatcher.DispatchController

/** Where an exchange tells what becomes of it. */
export interface Listener {
  /** More of the answer is there. */
  arrived(): void
  /** Once, last. `again`: nothing of it can have been answered, so it may be asked again. */
  over(error: EngineError | undefined, again: boolean, retryAfterMs?: number): void
}

/** One request over HTTP and its answer: bytes in, an {@link Answer} out. */
export class Exchange implements Dispatcher.DispatchHandler {
  #controller: Controller | undefined
  #status = 0
  #headers: Reply['headers'] = {}
  #sse: SseParser | undefined
  readonly #template: ChunkTemplate | undefined
  #parts: Buffer[] = []
  #bytes = 0
  #sawDone = false
  #isOver = false
  #isPaused = false

  constructor(
    private readonly connection: Connection,
    private readonly answer: Answer,
    private readonly listener: Listener,
    private readonly route: Route,
    private readonly topLogprobs: number,
  ) {
    if (route !== 'llama') this.#template = new ChunkTemplate()
  }

  /** Of its answer; 0 while none has come. */
  get status(): number {
    return this.#status
  }

  /** Closes the connection, and tells nobody any more. */
  abort(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#controller?.abort(new Error('the request was given up'))
  }

  /** Whether what is sent is left in the socket, until the server has to wait. */
  pause(paused: boolean): void {
    if (this.#isPaused === paused) return
    this.#isPaused = paused
    if (paused) this.#controller?.pause()
    // Going on may bring more at once, while whoever asked for it has not taken what it had.
    else queueMicrotask(() => this.#isPaused || this.#controller?.resume())
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.#isOver) controller.abort(new Error('the request was given up'))
  }

  onResponseStart(
    _controller: Controller,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status
    this.#headers = headers
    this.answer.count(numberIn(headers, 'x-prompt-tokens'), numberIn(headers, 'x-cached-tokens'))
    this.answer.time(queuedMsOf(headerOf(headers, 'server-timing')), undefined, undefined)
    const type = headerOf(headers, 'content-type') ?? ''
    if (status === 200 && !/json|html/.test(type)) this.#sse = new SseParser(this.#onEvent)
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#isOver) return
    try {
      if (this.#sse !== undefined) {
        this.#sse.push(chunk)
        this.#flush()
      } else this.#keep(chunk)
    } catch (error) {
      this.#fail(error)
    }
  }

  onResponseEnd(): void {
    if (this.#isOver) return
    try {
      if (this.#sse !== undefined) this.#endStream(this.#sse)
      else this.#endWhole()
    } catch (error) {
      this.#fail(error)
    }
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.listener.over(unreachable(error, this.connection), this.#status === 0 && isHarmless(error))
  }

  readonly #onEvent = (data: string, isError: boolean): void => {
    if (this.#sawDone) return
    if (data === '[DONE]') {
      this.#sawDone = true
      return
    }
    const template = isError ? undefined : this.#template
    const known = template?.read(data)
    if (known !== undefined) {
      this.answer.take(known.choice, known.text, known.ids, undefined)
      return
    }
    const json = jsonOf(data)
    if (json === undefined || isError || isFailure(json)) {
      if (isError || json !== undefined) throw errorOfFrame(json, data, this.connection)
      throw new InternalError(`${this.connection.text} sent an event that is no JSON: ${quoted(data, this.connection)}`)
    }
    this.#read(json)
    template?.learn(data, json)
  }

  #read(json: Json): void {
    if (this.route === 'llama') readLlama(json, this.answer, this.topLogprobs)
    else readOpenAi(json, this.answer, this.topLogprobs)
  }

  #keep(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > MAX_ANSWER_BYTES) throw new UnreachableError(`the answer has more than ${MAX_ANSWER_BYTES} bytes`)
    this.#parts.push(chunk)
  }

  #flush(): void {
    this.answer.flush()
    if (this.#sawDone) this.#end()
    else this.listener.arrived()
  }

  #endStream(sse: SseParser): void {
    sse.end()
    this.answer.flush()
    // Some servers leave [DONE] out; an answer without an end is none.
    if (this.#sawDone || this.answer.running === 0) this.#end()
    else throw new UnreachableError(`${this.connection.text} ended its answer before it was whole`)
  }

  #endWhole(): void {
    const text = this.#parts.length === 1 ? this.#parts[0]!.toString() : Buffer.concat(this.#parts).toString()
    const reply = { status: this.#status, headers: this.#headers, text }
    if (this.#status < 200 || this.#status >= 300) {
      const error = errorOfReply(reply, this.connection)
      this.#isOver = true
      const again = this.#status === 503 && /\bloading\b/i.test(text)
      this.listener.over(error, again, error instanceof OverloadedError ? error.retryAfterMs : undefined)
      return
    }
    const json = jsonOf(text)
    if (json === undefined)
      throw new InternalError(
        `${this.connection.text} sent an answer that is no JSON: ${quoted(text, this.connection)}`,
      )
    if (isFailure(json)) throw errorOfFrame(json, text, this.connection)
    this.answer.isWhole = true
    this.#read(json)
    this.answer.flush()
    if (this.answer.running > 0)
      throw new InternalError(
        `${this.connection.text} sent an answer that holds no text: ${quoted(text, this.connection)}`,
      )
    this.#end()
  }

  #end(): void {
    this.#isOver = true
    this.answer.begin()
    this.listener.over(undefined, false)
  }

  /** `error` is the contract's, or a fault of ours. */
  #fail(error: unknown): void {
    this.#isOver = true
    this.#controller?.abort(new Error('the answer is of no use'))
    this.listener.over(error as EngineError, false)
  }
}

/** Our own server's: of a stream whose usage comes last. */
function numberIn(headers: Reply['headers'], name: string): number | undefined {
  const value = headers[name]
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

function isFailure(json: Json): boolean {
  return (
    (isObject(json.error) || typeof json.error === 'string' || json.object === 'error') && !Array.isArray(json.choices)
  )
}
