import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { Report } from '../../report.ts'

/** Pauses of a look at the clock that are the machine's: nothing of ours takes so long. */
const LEAST_MS = 0.3
const SECONDS = 6

/**
 * What the machine alone takes from who does nothing but look at the clock, on every core at once: no percentile of anything
 * that runs here is surer than that.
 */
export async function machine(report: Report): Promise<void> {
  const cores = await Promise.all(Array.from({ length: availableParallelism() }, watch))
  const pauses = cores.flat()
  const total = pauses.reduce((sum, pause) => sum + pause, 0)
  const share = (100 * total) / (1000 * SECONDS * cores.length)
  report.add(
    'the machine alone: pauses of over 0.3 ms, of each core',
    pauses.length / SECONDS / cores.length,
    'a second',
  )
  report.add('the machine alone: time in them', share, '%')
  report.add('the machine alone: longest', Math.max(0, ...pauses), 'ms')
}

function watch(): Promise<readonly number[]> {
  const child = fork(new URL('./clock-watcher.mjs', import.meta.url), [String(SECONDS), String(LEAST_MS)], {
    execArgv: [],
  })
  return new Promise((resolve, reject) => {
    child.once('message', pauses => resolve(pauses as number[]))
    child.once('error', reject)
  })
}
