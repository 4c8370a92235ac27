import type { Place } from '../../admission/index.ts'
import type { DoneEvent, Event, Input, StartEvent, Timings, TokensEvent } from '../../engine/index.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Progress } from './progress.ts'

/** Watches the events of one prompt go by, for admission, the metrics, the record of the request, and what it is told. */
export class Meter implements Progress {
  prompt: readonly number[] | undefined
  promptTokens = 0
  cachedTokens = 0
  completionTokens = 0
  /** Of the prompt, as the request's record has it. */
  #countedTokens: number
  readonly #beganAt = performance.now()
  #firstAt: number | undefined
  /** Of each choice's last tokens, and of any's. */
  readonly #lastAt: number[] = []
  #latestAt = 0
  /** The engine's own, once it is over. */
  #timings: Timings | undefined

  constructor(
    private readonly exchange: Exchange,
    private readonly input: Input,
    /** By which it was weighed. */
    weighedTokens: number,
    private readonly place: Place,
    private readonly waitedMs: number,
    private readonly started: (cachedTokens: number) => void,
  ) {
    this.#countedTokens = weighedTokens
    if ('tokens' in input) this.prompt = input.tokens
  }

  get prefillMs(): number {
    return this.#timings?.prefillMs ?? (this.#firstAt === undefined ? 0 : this.#firstAt - this.#beganAt)
  }

  get decodeMs(): number {
    return this.#timings?.decodeMs ?? (this.#firstAt === undefined ? 0 : this.#latestAt - this.#firstAt)
  }

  /** Asks for the prompt's ids where nobody has told them. @throws what `tokenize` throws */
  async learnPrompt(): Promise<void> {
    this.prompt ??= await this.exchange.host.engine().tokenize(this.input)
  }

  see(event: Event): void {
    if (event.type === 'tokens') this.#tokens(event)
    else if (event.type === 'start') this.#start(event)
    else this.#done(event)
  }

  #start({ promptTokens, cachedTokens, promptIds, served }: StartEvent): void {
    this.prompt ??= promptIds
    this.#countPrompt(promptTokens, cachedTokens)
    this.exchange.served ??= served
    this.started(cachedTokens)
  }

  /** A server elsewhere may tell it last of all. */
  #countPrompt(promptTokens: number, cachedTokens: number): void {
    const { record } = this.exchange
    record!.cachedTokens += cachedTokens - this.cachedTokens
    this.cachedTokens = cachedTokens
    this.promptTokens = promptTokens
    if (promptTokens === 0 || promptTokens === this.#countedTokens || 'tokens' in this.input) return
    record!.promptTokens += promptTokens - this.#countedTokens
    this.#countedTokens = promptTokens
  }

  #tokens({ choice, ids }: TokensEvent): void {
    const now = performance.now()
    const { host, record, arrivedAt, timeline } = this.exchange
    timeline?.tokens(now, ids.length)
    this.place.generated(ids.length)
    this.#count(ids.length)
    this.#latestAt = now
    const lastAt = this.#lastAt[choice]
    this.#lastAt[choice] = now
    // Tokens that came together share the time since the last.
    if (lastAt !== undefined) host.metrics.interToken.record((now - lastAt) / 1000 / ids.length, ids.length)
    if (this.#firstAt !== undefined) return
    this.#firstAt = now
    if (record!.firstTokenMs === undefined) this.exchange.trace?.addEvent('first token')
    record!.firstTokenMs ??= now - arrivedAt
    host.metrics.firstToken.record((now - arrivedAt) / 1000)
  }

  #count(tokens: number): void {
    this.completionTokens += tokens
    this.exchange.record!.completionTokens += tokens
  }

  #done({ choices, usage, timings }: DoneEvent): void {
    const { host, record, arrivedAt } = this.exchange
    const { metrics } = host
    const queuedMs = this.waitedMs + timings.queuedMs
    this.exchange.timeline?.began(timings.queuedMs)
    this.#timings = timings
    this.#countPrompt(usage.promptTokens, usage.cachedTokens)
    // Tokens of a stop string and end tokens are told of here alone.
    this.#count(usage.completionTokens - this.completionTokens)
    // Prompts of one request run side by side: the longest counts.
    record!.queuedMs = Math.max(record!.queuedMs, queuedMs)
    record!.prefillMs = Math.max(record!.prefillMs, timings.prefillMs)
    record!.decodeMs = Math.max(record!.decodeMs, timings.decodeMs)
    metrics.queue.record(queuedMs / 1000)
    metrics.prefill.record(timings.prefillMs / 1000)
    metrics.decode.record(timings.decodeMs / 1000)
    metrics.inference.record((timings.prefillMs + timings.decodeMs) / 1000)
    metrics.endToEnd.record((performance.now() - arrivedAt) / 1000)
    metrics.promptTokens.record(usage.promptTokens)
    metrics.cachedTokens += usage.cachedTokens
    metrics.generationTokens.record(usage.completionTokens)
    metrics.n.record(choices.length)
    let longest = 0
    for (const { completionTokens, finishReason } of choices) {
      metrics.endings[finishReason]++
      longest = Math.max(longest, completionTokens)
      if (record!.finish !== 'length') record!.finish = finishReason
    }
    record!.ended += choices.length
    metrics.longestSequence = Math.max(metrics.longestSequence, usage.promptTokens + longest)
    if (longest > 1) metrics.perOutputToken.record(timings.decodeMs / 1000 / (longest - 1))
  }
}
