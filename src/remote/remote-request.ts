import type { Clock } from '../clock/index.ts'
import type { Listed } from '../collections/index.ts'
import { type EngineError, type EventStream, type GenerateRequest, type Input, InternalError } from '../engine/index.ts'
import { WarplineError } from '../errors.ts'
import { Answer } from './answer.ts'
import { backoffMs } from './backoff.ts'
import type { Connection } from './connection.ts'
import { Exchange, type Listener } from './exchange.ts'
import { type BodySettings, PATHS, type Route, requestBody } from './request-body.ts'
import type { Tokenizer } from './tokenizer.ts'

/** What a request needs of the engine that it belongs to. */
export interface RequestHost {
  readonly connection: Connection
  readonly settings: BodySettings
  readonly tokenizer: Tokenizer
  readonly retries: number
  readonly clock: Clock
  /** It is over; `error` says how, where it failed. `reached`: whether the server said anything; undefined: it was not asked. */
  over(request: RemoteRequest, error: EngineError | undefined, reached: boolean | undefined): void
}

/** The longest deadline that a server of ours reads, in ms: eleven days. */
const MOST_MS = 999_999_999

/** A request from its body to its last event, over as many attempts as it takes. */
export class RemoteRequest implements Listed, Listener {
  place = -1
  /** Sequences that are held up. */
  paused = 0
  onOver: (() => void) | undefined
  readonly answer: Answer
  #exchange: Exchange | undefined
  #body = ''
  #attempts = 0
  #cancelRetry: (() => void) | undefined
  #isOver = false
  #begunAt = 0

  constructor(
    private readonly host: RequestHost,
    private readonly stream: EventStream,
    private readonly request: GenerateRequest,
    private readonly route: Route,
  ) {
    const { input, sampling = {} } = request
    const promptTokens = 'tokens' in input ? input.tokens.length : 0
    this.answer = new Answer(stream, sampling.n ?? 1, promptTokens, sampling.stopTokenIds)
  }

  begin(): void {
    this.#begunAt = this.host.clock.now()
    try {
      if (this.#needsIds()) void this.#encode()
      else this.#send(this.request.input)
    } catch (error) {
      this.#finish(error as EngineError)
    }
  }

  /** Holds the answer up, or lets it go on. */
  hold(paused: boolean): void {
    this.#exchange?.pause(paused)
  }

  /** Gives it up; the server sees its connection close. `error`: undefined where nobody reads any more. */
  drop(error: EngineError | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelRetry?.()
    this.#exchange?.abort()
    if (error === undefined) return
    this.stream.fail(error)
    this.stream.wake()
  }

  arrived(): void {
    this.stream.wake()
  }

  over(error: EngineError | undefined, again: boolean, retryAfterMs?: number): void {
    if (this.#isOver) return
    if (error !== undefined && again && this.#attempts <= this.host.retries) {
      const { clock } = this.host
      this.#cancelRetry = clock.at(clock.now() + backoffMs(this.#attempts - 1, retryAfterMs), () => this.#attempt())
      return
    }
    this.#finish(error)
  }

  /** A chat for a route that takes text, and a text whose beginning is to stay bare where no field says so. */
  #needsIds(): boolean {
    const { input } = this.request
    if (this.route === 'chat') return false
    if ('messages' in input) return true
    const { addSpecialTokens: field } = this.host.settings.dialect.fields
    return 'text' in input && input.addSpecialTokens === false && (this.route === 'llama' || field === undefined)
  }

  async #encode(): Promise<void> {
    try {
      const tokens = await this.host.tokenizer.tokenize(this.request.input)
      if (this.#isOver) return
      this.answer.prompt(tokens)
      this.#send({ tokens })
    } catch (error) {
      if (!this.#isOver) this.#finish(error as EngineError)
    }
  }

  #send(input: Input): void {
    this.#body = requestBody(this.route, input, this.request, this.host.settings)
    this.#attempt()
  }

  #attempt(): void {
    this.#attempts++
    this.#cancelRetry = undefined
    const { topLogprobs = 0 } = this.request.sampling ?? {}
    this.#exchange = new Exchange(this.host.connection, this.answer, this, this.route, topLogprobs)
    this.host.connection.post(PATHS[this.route], this.#body, this.#headers(), this.#exchange)
  }

  #headers(): Readonly<Record<string, string>> | undefined {
    const { id, routing } = this.request
    if (id === undefined && routing === undefined) return undefined
    const headers: Record<string, string> = {}
    if (id !== undefined) headers['x-request-id'] = headerText(id)
    if (routing?.traceparent !== undefined) headers.traceparent = routing.traceparent
    if (routing?.deadlineMs !== undefined && this.host.settings.dialect.deadlines) {
      const leftMs = Math.floor(routing.deadlineMs - (this.host.clock.now() - this.#begunAt))
      headers['x-request-timeout-ms'] = String(Math.min(MOST_MS, Math.max(1, leftMs)))
    }
    return headers
  }

  #finish(error: EngineError | undefined): void {
    this.#isOver = true
    const known = error === undefined || error instanceof WarplineError
    const told = known ? error : new InternalError('a fault of the client of a remote server', { cause: error })
    if (told === undefined) this.stream.push(this.answer.done())
    else this.stream.fail(told)
    this.host.over(this, told, this.#exchange && this.#exchange.status > 0)
    this.stream.wake()
  }
}

/** An id may hold any letters, a header ASCII alone. */
function headerText(id: string): string {
  return /^[\x21-\x7e]*$/.test(id) ? id : encodeURIComponent(id)
}
