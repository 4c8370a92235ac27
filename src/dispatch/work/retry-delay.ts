import { EngineError, OverloadedError } from '../../engine/index.ts'

const FIRST_MS = 250
const MOST_MS = 8000

/** What may go well when it is asked again: nobody was there, there was no room, or it took too long. */
const WORTH_A_RETRY: ReadonlySet<string> = new Set(['unreachable', 'overloaded', 'deadline_exceeded'])

/**
 * How long to wait before a request is made again, in ms: twice as long each time, never when all others do, and as long as
 * the server asks for. Undefined where the next answer would be the same.
 *
 * @param retry - from 0
 */
export function retryDelayMs(error: unknown, retry: number, random: () => number): number | undefined {
  if (!(error instanceof EngineError) || !WORTH_A_RETRY.has(error.code)) return undefined
  const told = error instanceof OverloadedError ? error.retryAfterMs : undefined
  return Math.min(told ?? FIRST_MS * 2 ** retry, MOST_MS) * (0.75 + 0.5 * random())
}
