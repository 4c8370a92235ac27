import { setTimeout as sleep } from 'node:timers/promises'
import type { Attack } from './attacks.ts'
import { isIdle, type State, type Victim } from './victim.ts'

/** How much more memory than before may stay with the server, in bytes: what V8 and malloc keep for the next time. */
export const MEMORY_BOUND = 64 * 2 ** 20
/** How long `/health` may take while the attack goes on, in ms. */
export const HEALTH_BOUND_MS = 1000

/** How a server came through an attack. */
export interface Verdict {
  readonly seconds: number
  /** Bytes; below 0 where there is less than before. */
  readonly memoryGrowth: number
  readonly slowestHealthMs: number
  /** What should not be, in words. */
  readonly violations: readonly string[]
}

/** Attacks, asks for `/health` meanwhile, and looks at what is left. `before` is the memory of the server at rest. */
export async function judge(attack: Attack, clients: number, victim: Victim, before: number): Promise<Verdict> {
  const begin = performance.now()
  let over = false
  const watching = watch(victim, () => over)
  await attack.run(victim, clients).finally(() => {
    over = true
  })
  const slowestHealthMs = await watching
  const state = await victim.until(isIdle)
  const seconds = (performance.now() - begin) / 1000
  const memoryGrowth = (await victim.memory()) - before
  const violations = [...violationsOf(state)]
  if (memoryGrowth > MEMORY_BOUND) violations.push(`${Math.round(memoryGrowth / 2 ** 20)} MiB of memory stay taken`)
  if (!(slowestHealthMs <= HEALTH_BOUND_MS)) violations.push(`/health took ${Math.round(slowestHealthMs)} ms`)
  return { seconds, memoryGrowth, slowestHealthMs, violations }
}

export function* violationsOf(state: State): Iterable<string> {
  const { inFlight, engine, admission, statuses } = state
  if (!isIdle(state))
    yield `not at rest: ${inFlight} requests in flight, ${admission.running} admitted, ${engine.running} sequences in the engine`
  const { accepted, completed, cancelled, failed } = admission.counts
  if (accepted !== completed + cancelled + failed)
    yield `${accepted} requests were accepted, but ${completed} completed, ${cancelled} were cancelled, ${failed} failed`
  for (const [status, count] of Object.entries(statuses))
    if (Number(status) >= 500 && status !== '501' && status !== '503') yield `${count} answers had status ${status}`
}

async function watch(victim: Victim, isOver: () => boolean): Promise<number> {
  let slowest = 0
  do {
    slowest = Math.max(slowest, await victim.health().catch(() => Number.POSITIVE_INFINITY))
    await sleep(50)
  } while (!isOver())
  return slowest
}
