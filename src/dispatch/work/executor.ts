import { type Clock, systemClock } from '../../clock/index.ts'
import { AbortedError, DeadlineExceededError, type DoneEvent, type Engine, UNKNOWN_TOKEN } from '../../engine/index.ts'
import { WarplineError } from '../../errors.ts'
import type { JobOrder, RankResult } from '../messages/message.ts'
import type { PostKernel } from '../post/post-kernel.ts'
import { type RunSampling, requestOf } from './request-of.ts'
import { retryDelayMs } from './retry-delay.ts'

export interface ExecutorOptions extends RunSampling {
  /** Of each request. Default: none. */
  readonly timeoutMs?: number
  /** How often a job is asked again, where that may help. Default 2. */
  readonly retries?: number
  readonly post?: PostKernel
  readonly clock?: Clock
  readonly random?: () => number
}

interface Answer {
  readonly text: string
  readonly ids: readonly number[]
  readonly firstAt: number | undefined
  readonly done: DoneEvent
}

/** Runs jobs on an engine: one request each, made again where that may help. */
export class Executor {
  readonly #engine: Engine
  readonly #options: ExecutorOptions
  readonly #clock: Clock

  constructor(engine: Engine, options: ExecutorOptions) {
    this.#engine = engine
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** What became of a job; nothing is thrown but `AbortedError`, where `signal` says so. */
  async run(order: JobOrder, signal: AbortSignal): Promise<RankResult> {
    const { retries = 2, random = Math.random } = this.#options
    const arrivedAt = this.#clock.now()
    for (let tries = 1; ; tries++) {
      const beganAt = this.#clock.now()
      try {
        const answer = await this.#ask(order, signal)
        const serviceMs = this.#clock.now() - beganAt
        const postMs = await this.#options.post?.run(tokensOf(answer.ids))
        return this.#result(order, { tries, arrivedAt, serviceMs, answer, postMs })
      } catch (error) {
        if (signal.aborted) throw new AbortedError()
        const delayMs = tries <= retries ? retryDelayMs(error, tries - 1, random) : undefined
        if (delayMs === undefined) {
          const serviceMs = this.#clock.now() - beganAt
          return this.#result(order, { tries, arrivedAt, serviceMs, error })
        }
        await this.#wait(delayMs, signal)
      }
    }
  }

  async #ask(order: JobOrder, outer: AbortSignal): Promise<Answer> {
    const { timeoutMs } = this.#options
    const controller = new AbortController()
    const pass = () => controller.abort()
    outer.addEventListener('abort', pass)
    let late = false
    const stop =
      timeoutMs === undefined
        ? () => {}
        : this.#clock.at(this.#clock.now() + timeoutMs, () => {
            late = true
            controller.abort()
          })
    try {
      return await this.#read(order, controller.signal)
    } catch (error) {
      if (late) throw new DeadlineExceededError(`there was no whole answer within ${timeoutMs! / 1000} s`)
      throw error
    } finally {
      stop()
      outer.removeEventListener('abort', pass)
    }
  }

  async #read(order: JobOrder, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) throw new AbortedError()
    const ids: number[] = []
    let text = ''
    let firstAt: number | undefined
    let done: DoneEvent | undefined
    for await (const event of this.#engine.generate(requestOf(order, this.#engine, this.#options), { signal })) {
      if (event.type === 'done') done = event
      if (event.type !== 'tokens' || event.choice !== 0) continue
      firstAt ??= this.#clock.now()
      text += event.text
      for (const id of event.ids) ids.push(id)
    }
    return { text, ids, firstAt, done: done! }
  }

  #result(
    { job, attempt }: JobOrder,
    told: {
      readonly tries: number
      readonly arrivedAt: number
      readonly serviceMs: number
      readonly answer?: Answer
      readonly postMs?: number | undefined
      readonly error?: unknown
    },
  ): RankResult {
    const { tries, arrivedAt, serviceMs, answer, postMs, error } = told
    const heldMs = this.#clock.now() - arrivedAt
    const common = { job, attempt, serviceMs, heldMs, tries }
    if (answer === undefined)
      return { ...common, ok: false, promptTokens: 0, cachedTokens: 0, outputTokens: 0, error: errorOf(error) }
    const { text, firstAt, done } = answer
    const { promptTokens, cachedTokens, completionTokens } = done.usage
    const finishReason = done.choices[0]?.finishReason
    return {
      ...common,
      ok: true,
      text,
      ...(finishReason !== undefined && { finishReason }),
      promptTokens,
      cachedTokens,
      outputTokens: completionTokens,
      ...(firstAt !== undefined && { ttftMs: firstAt - arrivedAt }),
      ...(postMs !== undefined && { postMs }),
    }
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.at(this.#clock.now() + ms, () => {
        signal.removeEventListener('abort', abort)
        resolve()
      })
      const abort = () => {
        cancel()
        reject(new AbortedError())
      }
      signal.addEventListener('abort', abort, { once: true })
    })
  }
}

/** An id that was not told is 2³² − 1: the work is the same. */
function tokensOf(ids: readonly number[]): Uint32Array {
  return Uint32Array.from(ids, id => (id === UNKNOWN_TOKEN ? 0xffff_ffff : id))
}

function errorOf(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof WarplineError) return { code: error.code, message: error.message }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) }
}
