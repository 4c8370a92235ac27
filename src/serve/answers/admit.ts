import { setImmediate } from 'node:timers/promises'
import type { Place } from '../../admission/index.ts'
import {
  countedTokens,
  type Engine,
  estimateTokens,
  type GenerateRequest,
  outputLimit,
  validateRequest,
} from '../../engine/index.ts'
import { priorityClassOf } from '../access/priority-class-of.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { inClientsWords } from '../fields/sampling-fields.ts'
import type { Asked } from './asked.ts'
import { Meter } from './meter.ts'
import { RequestTimeline } from './request-timeline.ts'

/** A prompt that the engine may begin with. */
export interface Admitted {
  readonly asked: Asked
  /** Its prompt is token ids where the engine's tokenizer is at hand, else what was asked. */
  readonly request: GenerateRequest
  readonly meter: Meter
}

/**
 * Checks the prompts of one HTTP request, turns them into tokens, and waits for its place: all of them run, or none.
 *
 * @throws what is wrong with the request, in the client's words; OverloadedError, RateLimitedError, DeadlineExceededError
 */
export async function admit(exchange: Exchange, asked: readonly Asked[]): Promise<readonly Admitted[]> {
  const { host, caller, signal } = exchange
  const priorityClass = priorityClassOf(exchange.incoming.headers, caller!)
  exchange.priorityClass = priorityClass
  const engine = host.engine()
  if (asked[0]!.request.timeline) exchange.timeline = new RequestTimeline(exchange.arrivedAt)
  let promptTokens = 0
  let outputTokens = 0
  let sequences = 0
  const prepared: Prepared[] = []
  for (const [i, { request, field, renamed }] of asked.entries()) {
    if (i > 0) {
      // Each may take milliseconds, in which nothing else is served.
      await setImmediate()
      signal.throwIfAborted()
    }
    try {
      const one = await prepare(request, engine)
      promptTokens += one.promptTokens
      outputTokens += one.outputTokens
      sequences += one.sequences
      prepared.push(one)
    } catch (error) {
      throw inClientsWords(error, field, renamed)
    }
  }
  const deadlineMs = exchange.timeLeft()
  exchange.timeline?.queued()
  const place = host.admission.enter({
    tenant: caller!.tenant,
    promptTokens,
    outputTokens,
    sequences,
    priorityClass,
    priority: asked[0]!.request.priority ?? 0,
    fingerprint: () => exchange.fingerprint(),
    ...exchange.returning(),
    ...(deadlineMs !== undefined && { deadlineMs }),
  })
  exchange.begin(place, { promptTokens, sequences }, deadlineMs)
  if (place.turn) {
    exchange.trace?.addEvent('queued')
    await untilAborted(place, signal)
  }
  exchange.forgetBody()
  const waitedMs = place.waitedMs
  exchange.record!.phase = 'running'
  exchange.record!.queuedMs = waitedMs
  exchange.trace?.addEvent('admitted')
  exchange.timeline?.admitted()
  for (const { sampling } of asked.map(({ request }) => request))
    if (typeof sampling?.maxTokens === 'number') host.metrics.maxTokens.record(sampling.maxTokens)
  let unstarted = asked.length
  let cached = 0
  const started = (cachedTokens: number) => {
    cached += cachedTokens
    if (--unstarted === 0) place.started(cached)
  }
  const leftMs = exchange.timeLeft()
  exchange.ownMs = performance.now() - exchange.arrivedAt - exchange.bodyMs - waitedMs
  return asked.map((one, i) => {
    const { request, promptTokens } = prepared[i]!
    return {
      asked: one,
      request: leftMs === undefined ? request : withDeadline(request, leftMs),
      meter: new Meter(exchange, request.input, promptTokens, place, waitedMs, started),
    }
  })
}

interface Prepared {
  readonly request: GenerateRequest
  readonly promptTokens: number
  /** The most that may come. */
  readonly outputTokens: number
  readonly sequences: number
}

/**
 * Where the tokenizer is elsewhere, a prompt is weighed by its length, and handed on as it is: asking for its tokens would
 * take longer than all else that is done for it here. Whether it fits is then its server's to say.
 */
async function prepare(request: GenerateRequest, engine: Engine): Promise<Prepared> {
  const { info } = engine
  const sampling = validateRequest(request, info)
  const { n } = sampling
  const { input } = request
  if (info.tokenizer === 'elsewhere' && !('tokens' in input)) {
    const promptTokens = estimateTokens(input)
    const left = Math.max(1, info.contextLength - promptTokens)
    return { request, promptTokens, outputTokens: n * Math.min(sampling.maxTokens ?? left, left), sequences: n }
  }
  const tokens = 'tokens' in input ? input.tokens : await engine.tokenize(input, { limit: countedTokens(info) })
  return {
    request: { ...request, input: { tokens } },
    promptTokens: tokens.length,
    outputTokens: n * outputLimit(tokens.length, sampling, info),
    sequences: n,
  }
}

/** Whoever the engine asks gets as much of the time as is left. */
function withDeadline(request: GenerateRequest, leftMs: number): GenerateRequest {
  return { ...request, routing: { ...request.routing, deadlineMs: Math.max(1, Math.ceil(leftMs)) } }
}

/** Waits for the turn; a client that leaves gives its place up. */
function untilAborted(place: Place, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      place.leave('cancelled')
      reject(signal.reason)
    }
    if (signal.aborted) return leave()
    signal.addEventListener('abort', leave, { once: true })
    place.turn!.finally(() => signal.removeEventListener('abort', leave)).then(resolve, reject)
  })
}
