import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Outcome, Place, PriorityClass } from '../../admission/index.ts'
import type { Listed } from '../../collections/index.ts'
import { AbortedError, DeadlineExceededError, type ServedBy } from '../../engine/index.ts'
import type { Caller } from '../access/access.ts'
import type { RequestTimeline } from '../answers/request-timeline.ts'
import { errorReply } from '../errors/error-reply.ts'
import { RefusedError } from '../errors/errors.ts'
import type { Host } from '../host.ts'
import type { Route } from '../routes/route.ts'
import { BodyReader } from './body-reader.ts'
import { Connection } from './connection.ts'
import { deadlineOf } from './deadline.ts'
import { encodingOf } from './encoding-of.ts'
import { parseJson } from './parse-json.ts'
import { LEFT, logRequest } from './request-log.ts'
import type { RequestRecord } from './request-record.ts'
import { RequestTrace } from './request-trace.ts'
import { SseWriter } from './sse-writer.ts'

/** Of visible ASCII, so that it can go into a header and a line of a log as it is. */
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/

/** Of a long answer, the connection gets so many bytes at a time: one that is taken is a sign of life. */
const PIECE = 64 * 1024

interface Begun {
  readonly promptTokens: number
  readonly sequences: number
}

/** One request and its answer, which goes to the Node response as it is. */
export class Exchange implements Listed {
  place = -1
  /** By `performance.now()`. */
  readonly arrivedAt = performance.now()
  /** Nobody else's. */
  readonly uuid = randomUUID()
  /** The client's `X-Request-Id`, or one made here. */
  readonly requestId: string
  route: Route | undefined
  caller: Caller | undefined
  /** Of requests for text, from admission on. */
  record: RequestRecord | undefined
  trace: RequestTrace | undefined
  /** Of requests for text, from before admission on. */
  priorityClass: PriorityClass | undefined
  /** Where the client wants to know. */
  timeline: RequestTimeline | undefined
  /** Which engine of several answers; of several prompts, the first that begins. */
  served: ServedBy | undefined
  /** How long the body was waited for, in ms. */
  bodyMs = 0
  /** From arrival until the engine was asked, but for waiting: for the body, and in the queue. In ms. */
  ownMs = 0
  /** What went wrong, where something did. */
  failure: unknown
  #place: Place | undefined
  #deadline: NodeJS.Timeout | undefined
  readonly connection: Connection
  readonly #controller: AbortController
  #reader: BodyReader | undefined
  #body: Buffer | undefined
  /** When the client last took a part of a whole answer. */
  #takenAt: number | undefined
  #sse: SseWriter | undefined

  constructor(
    readonly incoming: IncomingMessage,
    readonly outgoing: ServerResponse,
    readonly host: Host,
  ) {
    const given = incoming.headers['x-request-id']
    this.requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : `req-${this.uuid}`
    this.connection = Connection.of(incoming.socket)
    this.#controller = this.connection.begin(this)
  }

  /** Aborted when nobody waits for the answer any more: the client left, it failed, its time is up, or the server stops. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(reason: unknown = new AbortedError()): void {
    this.#controller.abort(reason)
  }

  /** It was admitted, and may still have to wait for its turn. */
  begin(place: Place, { promptTokens, sequences }: Begun, deadlineMs: number | undefined): void {
    this.#place = place
    this.record = {
      phase: 'waiting',
      promptTokens,
      sequences,
      cachedTokens: 0,
      completionTokens: 0,
      queuedMs: 0,
      prefillMs: 0,
      decodeMs: 0,
      firstTokenMs: undefined,
      ended: 0,
      finish: undefined,
    }
    if (deadlineMs === undefined) return
    const expire = () => this.abort(new DeadlineExceededError('the request was not answered by its deadline'))
    this.#deadline = setTimeout(expire, Math.max(0, deadlineMs))
  }

  /** It is over as far as the engine is concerned. */
  leave(outcome: Outcome): void {
    clearTimeout(this.#deadline)
    this.#place?.leave(outcome)
    const { record } = this
    if (record === undefined || record.phase === 'over') return
    const { metrics } = this.host
    const began = record.phase === 'running'
    metrics.tenants.add(this.caller!.tenant.name, began ? record.promptTokens : 0, record.completionTokens)
    if (began && outcome !== 'completed')
      metrics.endings[outcome === 'cancelled' ? 'abort' : 'error'] += record.sequences - record.ended
    record.phase = 'over'
  }

  /** Part of a trace, where somebody follows one; called once the route is known. */
  beginTrace(): void {
    this.trace = RequestTrace.begin(this)
    if (this.trace) this.outgoing.setHeader('traceparent', this.trace.traceparent)
  }

  /** The response is closed; called once, last. */
  closed(): void {
    const { outgoing } = this
    if (!outgoing.writableFinished) this.abort()
    this.connection.end(this, this.#controller)
    const status = outgoing.headersSent ? outgoing.statusCode : LEFT
    this.host.metrics.answers.count(this.route, status)
    logRequest(this, status)
    this.trace?.end(this, status)
  }

  /** The code of what went wrong, where something did. */
  get failureCode(): string | undefined {
    return this.failure === undefined ? undefined : errorReply(this.failure).body.error.code
  }

  /** Milliseconds that are left for the whole answer; undefined where the client set no limit. */
  timeLeft(): number | undefined {
    const deadline = deadlineOf(this.incoming.headers)
    return deadline === undefined ? undefined : deadline - (performance.now() - this.arrivedAt)
  }

  /** @throws RefusedError */
  async readJson(): Promise<unknown> {
    this.#reader = new BodyReader(this.incoming, this.outgoing, this.host.settings)
    const from = performance.now()
    this.#body = await this.#reader.read()
    this.bodyMs = performance.now() - from
    this.#reader = undefined
    return parseJson(this.#body)
  }

  /** The same for the same body from the same caller: by it a request is known that was told to come back. */
  fingerprint(): string {
    const hash = createHash('sha256').update(`${this.caller?.tenant.name}\0${this.incoming.url}\0`)
    return hash.update(this.#body ?? '').digest('base64')
  }

  /** Whether the client says that it was refused before, as OpenAI's do. */
  returning(): { readonly returning?: boolean } {
    const retries = this.incoming.headers['x-stainless-retry-count']
    return retries === undefined ? {} : { returning: retries !== '0' }
  }

  /** The body is not needed any more; a stream may last for minutes. */
  forgetBody(): void {
    this.#body = undefined
  }

  get sse(): SseWriter {
    this.#sse ??= new SseWriter(this.outgoing, headers => this.head(200, headers))
    return this.#sse
  }

  /** Looks after a slow client; called about once a second. */
  tick(now: number): void {
    this.#reader?.tick(now)
    const { pingMs, writeTimeoutMs } = this.host.settings
    const since = this.#sse?.stuckSince
    if ((since !== undefined && now - since > writeTimeoutMs) || this.#isLeftUntaken(now)) {
      this.failure = new AbortedError('the client left its answer untaken for too long')
      this.outgoing.destroy()
    } else this.#sse?.pingAfter(pingMs, now)
  }

  /** The answer is made, and does not get away. */
  #isLeftUntaken(now: number): boolean {
    const { writableEnded, writableFinished } = this.outgoing
    if (writableFinished || !(writableEnded || this.#takenAt !== undefined)) return false
    this.#takenAt ??= now
    return now - this.#takenAt > this.host.settings.writeTimeoutMs
  }

  /** The head of the answer. What all answers bear comes with it: set by itself, a header costs several times as much. */
  head(status: number, headers: Readonly<Record<string, string | number>>): void {
    this.outgoing.writeHead(status, { 'X-Request-Id': this.requestId, ...headers })
  }

  json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.send(status, 'application/json', JSON.stringify(body), headers)
  }

  send(status: number, type: string, body: string, headers: Readonly<Record<string, string>> = {}): void {
    const { outgoing } = this
    if (outgoing.headersSent || outgoing.destroyed) return
    const bytes = Buffer.byteLength(body)
    this.head(status, { 'Content-Type': type, 'Content-Length': bytes, ...headers })
    if (bytes <= PIECE) outgoing.end(body, encodingOf(body, bytes))
    else this.#sendPieces(Buffer.from(body), 0)
  }

  #sendPieces(body: Buffer, from: number): void {
    this.#takenAt = performance.now()
    let end = from
    do {
      const begin = end
      end += PIECE
      if (this.outgoing.write(body.subarray(begin, end))) continue
      this.outgoing.once('drain', () => this.#sendPieces(body, end))
      return
    } while (end < body.length)
    this.outgoing.end()
  }

  error(error: unknown): void {
    this.failure = this.causeOf(error)
    const { status, headers, body } = errorReply(this.failure)
    this.logFault(this.failure)
    this.json(status, body, headers)
  }

  /** An abort is told as what it was for. */
  causeOf(error: unknown): unknown {
    const { reason } = this.signal as { reason: unknown }
    const isOurs = reason instanceof RefusedError || reason instanceof DeadlineExceededError
    return error instanceof AbortedError && isOurs ? reason : error
  }

  /** Writes down what went wrong on this side; a client is not told all of it. */
  logFault(error: unknown): void {
    const { status } = errorReply(error)
    const refused = error instanceof RefusedError || error instanceof AbortedError
    if (refused || status < 500 || status === 501 || status === 504) return
    const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    this.host.logger.error({ id: this.requestId, status }, cause)
  }
}
