import { setImmediate } from 'node:timers/promises'
import type { Place } from '../../admission/index.ts'
import {
  countedTokens,
  type GenerateRequest,
  outputLimit,
  type TokensInput,
  validateRequest,
} from '../../engine/index.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { inClientsWords } from '../fields/sampling-fields.ts'
import type { Asked } from './asked.ts'
import { Meter } from './meter.ts'
import { RequestTimeline } from './request-timeline.ts'

/** A prompt that the engine may begin with. */
export interface Admitted {
  readonly asked: Asked
  /** Its prompt as token ids. */
  readonly request: GenerateRequest & { readonly input: TokensInput }
  readonly meter: Meter
}

/**
 * Checks the prompts of one HTTP request, turns them into tokens, and waits for its place: all of them run, or none.
 *
 * @throws what is wrong with the request, in the client's words; OverloadedError, RateLimitedError, DeadlineExceededError
 */
export async function admit(exchange: Exchange, asked: readonly Asked[]): Promise<readonly Admitted[]> {
  const { host, caller, signal } = exchange
  const engine = host.engine()
  if (asked[0]!.request.timeline) exchange.timeline = new RequestTimeline(exchange.arrivedAt)
  let promptTokens = 0
  let outputTokens = 0
  let sequences = 0
  const requests: Admitted['request'][] = []
  for (const [i, one] of asked.entries()) {
    if (i > 0) {
      // Each may take milliseconds, in which nothing else is served.
      await setImmediate()
      signal.throwIfAborted()
    }
    try {
      await prepare(one.request)
    } catch (error) {
      throw inClientsWords(error, one.field, one.renamed)
    }
  }
  const deadlineMs = exchange.timeLeft()
  exchange.timeline?.queued()
  const place = host.admission.enter({
    tenant: caller!.tenant,
    promptTokens,
    outputTokens,
    sequences,
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
  for (const { sampling } of requests)
    if (typeof sampling?.maxTokens === 'number') host.metrics.maxTokens.record(sampling.maxTokens)
  let unstarted = asked.length
  let cached = 0
  const started = (cachedTokens: number) => {
    cached += cachedTokens
    if (--unstarted === 0) place.started(cached)
  }
  return asked.map((one, i) => ({
    asked: one,
    request: requests[i]!,
    meter: new Meter(exchange, requests[i]!.input.tokens, place, waitedMs, started),
  }))

  async function prepare(request: GenerateRequest): Promise<void> {
    const sampling = validateRequest(request, engine.info)
    const { input } = request
    const tokens =
      'tokens' in input ? input.tokens : await engine.tokenize(input, { limit: countedTokens(engine.info) })
    promptTokens += tokens.length
    outputTokens += sampling.n * outputLimit(tokens.length, sampling, engine.info)
    sequences += sampling.n
    requests.push({ ...request, input: { tokens } })
  }
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
