import type { Communicator } from '../communicator.ts'
import type { ConformanceCase } from './cases.ts'
import { COLLECTIVES } from './collectives.ts'
import { GROUPS } from './groups.ts'
import { MESSAGES } from './messages.ts'
import { TRANSFERS } from './transfers.ts'

/** All cases, in the order in which a communicator would be built. */
export const CONFORMANCE: readonly ConformanceCase[] = [...MESSAGES, ...TRANSFERS, ...COLLECTIVES, ...GROUPS]

/**
 * Runs all cases in order on a world of any size, and leaves it open.
 *
 * @throws what the first case throws that fails, or says that it did not end in `timeoutMs` (default 10 s)
 */
export async function runConformance(
  world: Communicator,
  { timeoutMs = 10_000, done }: { readonly timeoutMs?: number; readonly done?: (name: string) => void } = {},
): Promise<void> {
  for (const { name, ranks = 1, run } of CONFORMANCE) {
    if (world.size < ranks) continue
    await inTime(run(world), name, timeoutMs)
    // A case may receive from anybody: nobody is to be ahead.
    await inTime(world.barrier(), `${name} (the barrier after it)`, timeoutMs)
    done?.(name)
  }
}

async function inTime(running: Promise<void>, name: string, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`“${name}” did not end in ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    await Promise.race([running, late])
  } catch (error) {
    throw new Error(`“${name}”: ${error instanceof Error ? error.message : error}`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}
