import type { Phase, PhaseObserver } from '../../native/index.ts'

/** Milliseconds since the recorder was made. */
export interface Span {
  readonly name: Phase | 'step'
  readonly startMs: number
  readonly ms: number
}

/** Writes down when the phases of an engine's loop begin and end; tells others of them as well. */
export class PhaseRecorder implements PhaseObserver {
  readonly spans: Span[] = []
  readonly #open: { readonly name: Phase; readonly startMs: number }[] = []
  readonly #from: number

  constructor(
    private readonly now: () => number,
    private readonly others: readonly PhaseObserver[] = [],
  ) {
    this.#from = now()
  }

  begin(phase: Phase): void {
    for (const other of this.others) other.begin(phase)
    this.#open.push({ name: phase, startMs: this.#at() })
  }

  end(): void {
    const span = this.#open.pop()
    if (span !== undefined) this.spans.push({ ...span, ms: this.#at() - span.startMs })
    for (const other of this.others) other.end()
  }

  /** A whole step, around its phases. */
  async step<T>(action: () => Promise<T>): Promise<T> {
    const startMs = this.#at()
    const result = await action()
    this.spans.push({ name: 'step', startMs, ms: this.#at() - startMs })
    return result
  }

  #at(): number {
    return this.now() - this.#from
  }
}
