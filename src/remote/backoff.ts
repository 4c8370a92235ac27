const FIRST_MS = 250
const MOST_MS = 8000

/**
 * How long to wait before the n-th retry (from 0), in ms: twice as long each time, and never when all others do.
 *
 * @param toldMs what the server asks for
 */
export function backoffMs(retry: number, toldMs: number | undefined, random: () => number = Math.random): number {
  const wait = Math.min(toldMs ?? FIRST_MS * 2 ** retry, MOST_MS)
  return wait * (0.75 + 0.5 * random())
}
