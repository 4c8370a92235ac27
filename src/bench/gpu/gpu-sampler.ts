import { machineMs } from '../../clock/index.ts'
import type { GpuUsage } from '../report/bench-report.ts'
import { type CardReading, cardsHere, type WatchedCard } from './cards.ts'
import { type GpuSample, usageOf } from './usage-of.ts'

/** A card's own counters move about ten times a second; each look costs this thread a few hundred µs a card. */
const PERIOD_MS = 100

/** Of readings that are kept: beyond that, every second one is forgotten and the period doubles. 13 minutes at first. */
const MOST_SAMPLES = 8192

/** Watches the cards of this machine while something runs. */
export class GpuSampler implements Disposable {
  #samples: GpuSample[] = []
  #timer: NodeJS.Timeout
  #periodMs = PERIOD_MS
  #lost = false

  /** Undefined where there is no card, or its driver tells nothing. */
  static start(cards: readonly WatchedCard[] = cardsHere()): GpuSampler | undefined {
    return cards.length === 0 ? undefined : new GpuSampler(cards)
  }

  private constructor(private readonly cards: readonly WatchedCard[]) {
    this.sample()
    this.#timer = this.#watch()
  }

  get names(): readonly string[] {
    return this.cards.map(({ name }) => name)
  }

  /**
   * Of the time between two moments, in ms of the machine's monotonic clock (`process.hrtime`), in which so many output
   * tokens came. Null where no reading is of that time.
   */
  usage(fromMs: number, toMs: number, outputTokens: number): Omit<GpuUsage, 'ofCeiling'> | null {
    this.sample()
    return usageOf(this.names, this.#samples, fromMs, toMs, outputTokens)
  }

  /** Looks now; it does so by itself as well. */
  sample(): void {
    if (this.#lost) return
    const readings = this.#read()
    if (readings === undefined) return
    this.#samples.push({ atMs: machineMs(), readings })
    if (this.#samples.length < MOST_SAMPLES) return
    this.#samples = this.#samples.filter((_, i) => i % 2 === 0)
    this.#periodMs *= 2
    clearInterval(this.#timer)
    this.#timer = this.#watch()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #watch(): NodeJS.Timeout {
    return setInterval(() => this.sample(), this.#periodMs).unref()
  }

  /** A card that falls off its bus must not take the measurement with it. */
  #read(): readonly CardReading[] | undefined {
    try {
      return this.cards.map(card => card.read())
    } catch {
      this.#lost = true
      return undefined
    }
  }
}
