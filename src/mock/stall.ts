export interface StallOptions {
  /** After the first request. */
  readonly afterMs: number
  readonly forMs: number
}

/** A time in which no work is done, and all that goes on around it does. */
export class Stall {
  #from = Number.POSITIVE_INFINITY

  constructor(private readonly options: StallOptions) {}

  /** The first request came. */
  begin(at: number): void {
    this.#from = at + this.options.afterMs
  }

  /** When work of `ms` is done that begins `at`. */
  after(at: number, ms: number): number {
    const { forMs } = this.options
    const begun = at >= this.#from && at < this.#from + forMs ? this.#from + forMs : at
    const done = begun + ms
    return begun < this.#from && done > this.#from ? done + forMs : done
  }
}
