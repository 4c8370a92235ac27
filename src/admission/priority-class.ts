/** From the first that is served to the last. */
export const PRIORITY_CLASSES = ['system', 'interactive', 'default', 'bulk'] as const

/**
 * What a request is for: `system`, the operator's own, which must get through; `interactive`, somebody waits at a screen;
 * `default`; `bulk`, as long as it is done some time.
 */
export type PriorityClass = (typeof PRIORITY_CLASSES)[number]

/** How one class stands to the others. None of it matters while all requests are of one class, but for `queueShare`. */
export interface ClassOptions {
  /**
   * Whoever has waited so many milliseconds counts as one class higher when the next is chosen, and as another after the
   * same time again. Longer than the queue's time, or else a queue that is merely full would promote everybody. Default:
   * 30 000 for `interactive` and `default`, so that they start within a minute, where many clients give up; 120 000 for
   * `bulk`, so that it is before new interactive ones after 4 minutes, as OpenAI's clients wait for 10; `Infinity` for
   * `system`, which is the highest.
   */
  readonly ageingMs: number
  /**
   * Of the engine's sequences, the part that lower classes leave to this one while it runs fewer, from its first request
   * until a minute after its last: at least 1 sequence of an engine with 8 or more, none of a smaller one. Default: 1/32
   * for `system`, 1/8 for `interactive`, 0 for the others.
   */
  readonly reservedShare: number
  /** Part of the queue's bound that it may fill, 0…1. Default: 1/2 for `bulk`, 1 for the others. */
  readonly queueShare: number
}

export const CLASS_DEFAULTS: Readonly<Record<PriorityClass, ClassOptions>> = {
  system: { ageingMs: Number.POSITIVE_INFINITY, reservedShare: 1 / 32, queueShare: 1 },
  interactive: { ageingMs: 30_000, reservedShare: 1 / 8, queueShare: 1 },
  default: { ageingMs: 30_000, reservedShare: 0, queueShare: 1 },
  bulk: { ageingMs: 120_000, reservedShare: 0, queueShare: 1 / 2 },
}
