/** How often MPI is asked whether something has come: it has nothing to wait on that the event loop could wait on, too. */
export interface PollOptions {
  /** After a message, or a call, it is asked in each turn of the event loop for so long. Default: 0.2 ms. */
  readonly spinMs?: number
  /** Then after pauses of so long, which grow with the silence: to an eighth of it. Default: 1 ms, the shortest there is. */
  readonly sleepMs?: number
  /**
   * And to so long at most, which is the most that a message waits. Default: 10 ms, which costs some 1 % of a core for as long
   * as somebody waits; 1 ms costs 4 %.
   */
  readonly maxSleepMs?: number
}

export const POLL_DEFAULTS: Required<PollOptions> = { spinMs: 0.2, sleepMs: 1, maxSleepMs: 10 }

/** What has taken so long may take so much longer to be seen. */
const OF_SILENCE = 1 / 8

/** The pause before MPI is asked again, in milliseconds; 0: in the next turn of the event loop. */
export function pauseAfter(silentMs: number, poll: Required<PollOptions>): number {
  if (silentMs < poll.spinMs) return 0
  return Math.max(poll.sleepMs, Math.min(poll.maxSleepMs, silentMs * OF_SILENCE))
}
