import { quantile } from '../../src/statistics/index.ts'
import { type Answer, complete, newBody, sleep } from './client.ts'

export interface Load {
  readonly key: string
  /** Default: that of the key. */
  readonly priorityClass?: string
  /** Requests per second, at random times (Poisson). */
  readonly rate: number
  readonly seconds: number
  readonly tokens: number
  /** Whether a refused client comes back once, when it was told to. */
  readonly retries: boolean
}

export interface Outcome {
  /** Answered while the load lasted, in its second half; by then the queue is what it will be. */
  readonly goodput: number
  /** Of all that were answered, milliseconds; the wait in the queue is in it. */
  readonly p99Ms: number
  readonly sent: number
  readonly refused: number
  /** Answers that were neither 200 nor 429 with both headers. */
  readonly odd: readonly Answer[]
  readonly retried: number
  readonly retriesServed: number
}

/** Sends requests at a rate, whatever becomes of them, and follows each to its end. */
export async function offer(port: number, load: Load): Promise<Outcome> {
  const { key, priorityClass, rate, seconds, tokens, retries } = load
  const start = performance.now()
  const half = start + seconds * 500
  const end = start + seconds * 1000
  let [served, refused, retried, retriesServed] = [0, 0, 0, 0]
  const odd: Answer[] = []
  const answeredMs: number[] = []
  const running: Promise<void>[] = []

  const send = async (body: string): Promise<Answer> => {
    const sentAt = performance.now()
    const answer = await complete(port, key, body, priorityClass)
    const now = performance.now()
    if (answer.status === 200) answeredMs.push(now - sentAt)
    if (answer.status === 200 && now >= half && now < end) served++
    if (answer.status !== 200 && !(answer.status === 429 && answer.hasBoth)) odd.push(answer)
    return answer
  }
  const follow = async (): Promise<void> => {
    const body = newBody(tokens)
    const first = await send(body)
    if (first.status !== 429) return
    refused++
    if (!retries) return
    await sleep(Math.ceil(first.retryAfterMs ?? 0))
    retried++
    if ((await send(body)).status === 200) retriesServed++
  }

  for (let at = start; at < end; at += (-Math.log(1 - Math.random()) / rate) * 1000) {
    const wait = at - performance.now()
    if (wait > 1) await sleep(wait)
    running.push(follow())
  }
  await Promise.all(running)
  const p99Ms = quantile(
    answeredMs.sort((a, b) => a - b),
    0.99,
  )
  return { goodput: served / (seconds / 2), p99Ms, sent: running.length, refused, odd, retried, retriesServed }
}
