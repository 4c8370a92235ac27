import { type Collected, collect, type Event, type GenerateRequest, type Usage } from '../../engine/index.ts'
import { errorReply } from '../errors/error-reply.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { SseWriter } from '../exchange/sse-writer.ts'
import { inClientsWords, type Renamed } from '../fields/sampling-fields.ts'
import { type AnswerShape, DONE_FRAME, frame } from './answer-shape.ts'

/** A prompt of the request, and the field that errors about it name. */
export interface Asked {
  readonly request: GenerateRequest
  readonly field: string
  readonly renamed?: Renamed
}

/** Runs the engine on each, side by side; the first failure is thrown and ends the others. */
export async function collectAll(exchange: Exchange, asked: readonly Asked[]): Promise<Collected[]> {
  try {
    return await Promise.all(asked.map(one => translated(one, collect(run(exchange, one)))))
  } catch (error) {
    exchange.abort()
    throw error
  }
}

/**
 * Streams what the engine makes of each, side by side.
 *
 * The status is decided by the engine's first event or error, so a request that it refuses fails as it would without
 * a stream. Each event is one write; while the client is behind, the engine's iterator rests and merges.
 */
export async function streamAll(exchange: Exchange, asked: readonly Asked[], shape: AnswerShape): Promise<void> {
  const sse = new SseWriter(exchange.outgoing)
  const usages: Usage[] = []

  const streamOne = async (one: Asked, index: number): Promise<void> => {
    const n = one.request.sampling?.n ?? 1
    for await (const event of run(exchange, one)) {
      if (event.type === 'start') {
        sse.open()
        await sse.write(Array.from({ length: n }, (_, i) => shape.opening(index * n + i)).join(''))
      } else if (event.type === 'tokens') await sse.write(shape.tokens(index * n + event.choice, event))
      else {
        usages.push(event.usage)
        const endings = event.choices.map((end, i) => shape.ending(index * n + i, end)).join('')
        if (usages.length < asked.length) await sse.write(endings)
        else sse.end(endings + shape.usage(usages) + DONE_FRAME)
      }
    }
  }

  try {
    await Promise.all(asked.map((one, index) => translated(one, streamOne(one, index))))
  } catch (error) {
    exchange.abort()
    if (!sse.opened) throw error
    // The status is out: what is left is to say it in the stream, as vLLM does.
    exchange.log(error)
    sse.end(frame(errorReply(exchange.causeOf(error)).body) + DONE_FRAME)
  }
}

function run(exchange: Exchange, { request }: Asked): AsyncIterable<Event> {
  return exchange.host.engine().generate(request, { signal: exchange.signal })
}

async function translated<T>({ field, renamed }: Asked, result: Promise<T>): Promise<T> {
  try {
    return await result
  } catch (error) {
    throw inClientsWords(error, field, renamed)
  }
}
