import type { RunSpec } from './run.ts'
import { isElsewhere, isHere } from './target-kind.ts'

/** What one process drives with ease: users of a closed loop, and requests per second of an open one. */
const USERS = 32
const RATE = 1000

/**
 * In how many processes a load is made. As few as carry it: each is a loop of its own that takes a core's time from a
 * target on this machine, to which half of the cores are left.
 */
export function processCount({ target, load, processes }: RunSpec, cores: number): number {
  if (!isElsewhere(target)) return 1
  const most = load.kind === 'closed' ? load.concurrency : (load.kind === 'open' && load.maxInFlight) || 1024
  if (processes !== undefined) return Math.max(1, Math.min(processes, most))
  const free = Math.max(1, isHere(target) ? Math.floor(cores / 2) : cores - 1)
  const wanted = load.kind === 'closed' ? load.concurrency / USERS : load.kind === 'open' ? load.rate / RATE : 1
  return Math.max(1, Math.min(Math.ceil(wanted), free, most))
}
