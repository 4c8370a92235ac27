import { AbortedError, type Collected, collect, type Event, type StartEvent } from '../../engine/index.ts'
import { errorReply } from '../errors/error-reply.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { type Admitted, admit } from './admit.ts'
import { type AnswerShape, frame } from './answer-shape.ts'
import { type Asked, translated } from './asked.ts'
import type { Progress } from './progress.ts'
import { servedHeaders } from './served-headers.ts'
import { serverTiming } from './server-timing.ts'
import { framesWithTimeline, withTimeline } from './with-timeline.ts'

/** Runs the engine on each, side by side, and sends what `whole` makes of it; the first failure ends the others. */
export async function answerWhole(
  exchange: Exchange,
  asked: readonly Asked[],
  whole: (answers: readonly Collected[], prompts: readonly Progress[]) => unknown,
): Promise<void> {
  try {
    const admitted = await admit(exchange, asked)
    const collectOne = (one: Admitted) => translated(one.asked, collectOf(exchange, one))
    // Nearly always there is one.
    const answers = admitted.length > 1 ? await Promise.all(admitted.map(collectOne)) : [await collectOne(admitted[0]!)]
    exchange.leave('completed')
    const prompts = admitted.map(({ meter }) => meter)
    exchange.json(200, withTimeline(whole(answers, prompts), exchange.timeline), {
      'Server-Timing': serverTiming(exchange),
      ...servedHeaders(exchange),
    })
  } catch (error) {
    failed(exchange, error)
    throw error
  }
}

/**
 * Streams what the engine makes of each, side by side.
 *
 * The status is decided by the engine's first event or error, so a request that it refuses fails as it would without
 * a stream. While the client is behind, the engine's iterator rests; what is left unread for long rests the engine.
 */
export async function answerStreamed(exchange: Exchange, asked: readonly Asked[], shape: AnswerShape): Promise<void> {
  const { sse } = exchange
  let prompts: readonly Progress[] = []
  let running = asked.length

  const streamOne = async (one: Admitted, index: number): Promise<void> => {
    const n = one.asked.request.sampling?.n ?? 1
    for await (const event of run(exchange, one)) {
      one.meter.see(event)
      if (event.type === 'start' && one.asked.tellsIds && one.meter.prompt === undefined) await one.meter.learnPrompt()
      let frames: string
      if (event.type === 'tokens') frames = shape.tokens(index * n + event.choice, event, prompts)
      else if (event.type === 'start') {
        sse.open({
          'Server-Timing': serverTiming(exchange),
          ...servedHeaders(exchange),
          ...(asked.length === 1 && promptHeaders(event)),
        })
        frames = Array.from({ length: n }, (_, i) => shape.opening(index * n + i, prompts)).join('')
      } else {
        frames = event.choices.map((end, i) => shape.ending(index * n + i, end, prompts)).join('')
        if (--running === 0) {
          exchange.leave('completed')
          sse.end(framesWithTimeline(frames + shape.closing(prompts), exchange.timeline) + shape.farewell)
          return
        }
      }
      const behind = sse.push(frames)
      if (behind) await behind
    }
  }

  try {
    const admitted = await admit(exchange, asked)
    prompts = admitted.map(({ meter }) => meter)
    await Promise.all(admitted.map((one, index) => translated(one.asked, streamOne(one, index))))
  } catch (error) {
    failed(exchange, error)
    if (!sse.opened) throw error
    // The status is out: what is left is to say it in the stream, as vLLM does.
    exchange.failure = exchange.causeOf(error)
    exchange.logFault(exchange.failure)
    sse.end(frame(errorReply(exchange.failure).body) + shape.farewell)
  }
}

async function collectOf(exchange: Exchange, one: Admitted): Promise<Collected> {
  const { asked, meter } = one
  const collected = await collect(run(exchange, one), event => meter.see(event))
  if (asked.tellsIds && meter.prompt === undefined) await meter.learnPrompt()
  return collected
}

/** A stream's usage comes last: what is known of the prompt is told first, and costs no chunk. */
function promptHeaders({ promptTokens, cachedTokens }: StartEvent): Readonly<Record<string, string>> | undefined {
  // A server elsewhere may not have told.
  if (promptTokens === 0) return undefined
  return { 'X-Prompt-Tokens': String(promptTokens), 'X-Cached-Tokens': String(cachedTokens) }
}

function run(exchange: Exchange, { request }: Admitted): AsyncIterable<Event> {
  return exchange.host.engine().generate(request, { signal: exchange.signal })
}

/** What was begun for the request must not go on without it. */
function failed(exchange: Exchange, error: unknown): void {
  exchange.leave(error instanceof AbortedError ? 'cancelled' : 'failed')
  exchange.abort()
}
