import type { Clock } from '../../src/clock/index.ts'
import {
  type DoneEvent,
  type Engine,
  EngineError,
  type Event,
  type StartEvent,
  UNREAD_LIMIT,
} from '../../src/engine/index.ts'
import type { Planned } from './workload.ts'

/** What a client saw of its request. */
export interface Outcome {
  readonly planned: Planned
  readonly how: 'completed' | 'failed' | 'left'
  /** Of the error. */
  readonly code?: string
  readonly message?: string
  readonly start?: StartEvent
  readonly done?: DoneEvent
  readonly texts: readonly string[]
  readonly ids: readonly (readonly number[])[]
  /** Of the first choice. */
  readonly logprobs: readonly number[]
  readonly beganAt: number
  readonly endedAt: number
  /** What no engine may do: events out of order, or after the last. */
  readonly breaches: readonly string[]
}

/** What may wait for its reader: as much as an engine lets wait, once there and once in the router, and a step's tokens. */
const MOST_AT_ONCE = 2 * UNREAD_LIMIT + 16

/** Sends a request when it is due and reads its answer, as slowly and for as long as is planned. */
export async function runClient(
  engine: Engine,
  planned: Planned,
  clock: Clock,
  log: (line: string) => void,
): Promise<Outcome> {
  await until(clock, planned.at)
  const say = (line: string) => log(`#${planned.id} ${line}`)
  const beganAt = clock.now()
  const breaches: string[] = []
  const texts: string[] = []
  const ids: number[][] = []
  const logprobs: number[] = []
  let start: StartEvent | undefined
  let done: DoneEvent | undefined
  let how: Outcome['how'] = 'completed'
  let failure: { readonly code: string; readonly message: string } | undefined
  let count = 0

  const take = (event: Event) => {
    if (done) breaches.push(`${event.type} after done`)
    if ((start === undefined) !== (event.type === 'start')) breaches.push(`${event.type} out of order`)
    if (event.type === 'start') start = event
    else if (event.type === 'done') done = event
    else {
      count += event.ids.length
      if (event.ids.length > MOST_AT_ONCE) breaches.push(`${event.ids.length} tokens that waited to be read`)
      texts[event.choice] = (texts[event.choice] ?? '') + event.text
      ids[event.choice] = [...(ids[event.choice] ?? []), ...event.ids]
      if (event.choice === 0) for (const { logprob } of event.logprobs ?? []) logprobs.push(logprob)
    }
    say(told(event))
  }

  const controller = new AbortController()
  const { abortAfterMs, leaveAfter = Number.POSITIVE_INFINITY, pauseMs } = planned
  const cancel =
    abortAfterMs === undefined ? undefined : clock.at(beganAt + abortAfterMs, () => controller.abort('the client left'))
  say(`sends ${planned.kind}`)
  const events = engine.generate(planned.request, { signal: controller.signal })[Symbol.asyncIterator]()
  try {
    for (;;) {
      const result = await events.next()
      if (result.done) break
      take(result.value)
      if (count >= leaveAfter && done === undefined) {
        how = 'left'
        await events.return?.()
        break
      }
      if (result.value.type === 'start' && pauseMs !== undefined) await until(clock, clock.now() + pauseMs)
    }
    if (how === 'completed' && done === undefined) breaches.push('an end without done')
    const after = await events.next()
    if (!after.done) breaches.push(`${after.value.type} after the end`)
  } catch (error) {
    how = 'failed'
    failure =
      error instanceof EngineError
        ? { code: error.code, message: error.message }
        : { code: 'none', message: `${error instanceof Error ? error.stack : error}` }
    if (done) breaches.push('an error after done')
  } finally {
    cancel?.()
  }
  say(failure ? `fails: ${failure.code}: ${failure.message}` : how)
  return {
    planned,
    how,
    ...failure,
    ...(start && { start }),
    ...(done && { done }),
    texts,
    ids,
    logprobs,
    beganAt,
    endedAt: clock.now(),
    breaches,
  }
}

function told(event: Event): string {
  if (event.type === 'tokens') return `tokens ${event.choice} [${event.ids}] ${JSON.stringify(event.text)}`
  if (event.type === 'start') return `start at ${event.served?.upstream} after ${event.served?.attempts}`
  return `done ${event.choices.map(({ finishReason, completionTokens }) => `${finishReason} ${completionTokens}`)}`
}

function until(clock: Clock, time: number): Promise<void> {
  return new Promise(resolve => clock.at(time, resolve))
}
