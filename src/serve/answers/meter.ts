import type { Place } from '../../admission/index.ts'
import type { DoneEvent, Event, TokensEvent } from '../../engine/index.ts'
import type { Exchange } from '../exchange/exchange.ts'

/** Watches the events of one prompt go by, for admission, the metrics and the record of the request. */
export class Meter {
  /** Of each choice's last tokens. */
  readonly #lastAt: number[] = []
  #firstAt: number | undefined

  constructor(
    private readonly exchange: Exchange,
    private readonly place: Place,
    private readonly waitedMs: number,
    private readonly started: (cachedTokens: number) => void,
  ) {}

  see(event: Event): void {
    if (event.type === 'tokens') this.#tokens(event)
    else if (event.type === 'start') {
      this.exchange.record!.cachedTokens += event.cachedTokens
      this.started(event.cachedTokens)
    } else this.#done(event)
  }

  #tokens({ choice, ids }: TokensEvent): void {
    const now = performance.now()
    const { host, record, arrivedAt } = this.exchange
    this.place.generated(ids.length)
    const lastAt = this.#lastAt[choice]
    this.#lastAt[choice] = now
    // Tokens that came together share the time since the last.
    if (lastAt !== undefined) host.metrics.interToken.record((now - lastAt) / 1000 / ids.length, ids.length)
    if (this.#firstAt !== undefined) return
    this.#firstAt = now
    record!.firstTokenMs ??= now - arrivedAt
    host.metrics.firstToken.record((now - arrivedAt) / 1000)
  }

  #done({ choices, usage, timings }: DoneEvent): void {
    const { host, record, arrivedAt } = this.exchange
    const { metrics } = host
    const queuedMs = this.waitedMs + timings.queuedMs
    // Prompts of one request run side by side: the longest counts.
    record!.completionTokens += usage.completionTokens
    record!.queuedMs = Math.max(record!.queuedMs, queuedMs)
    record!.prefillMs = Math.max(record!.prefillMs, timings.prefillMs)
    record!.decodeMs = Math.max(record!.decodeMs, timings.decodeMs)
    metrics.queue.record(queuedMs / 1000)
    metrics.prefill.record(timings.prefillMs / 1000)
    metrics.decode.record(timings.decodeMs / 1000)
    metrics.endToEnd.record((performance.now() - arrivedAt) / 1000)
    metrics.promptTokens.record(usage.promptTokens)
    metrics.generationTokens.record(usage.completionTokens)
    metrics.n.record(choices.length)
    const later = Math.max(...choices.map(({ completionTokens }) => completionTokens)) - 1
    if (later > 0) metrics.perOutputToken.record(timings.decodeMs / 1000 / later)
    for (const { finishReason } of choices) metrics.endings[finishReason]++
  }
}
