import type { OpenOptions } from '../../targets.ts'
import type { RunSpec } from './run.ts'

/** Targets that are elsewhere: any number of processes may ask them, and none of these computes. */
const ELSEWHERE = /^(?:https?|wire):/
const LOOPBACK = /^[a-z]+:\/\/(?:[^@/]*@)?(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?=[:/?#]|$)/i

export function isElsewhere(target: string): boolean {
  return ELSEWHERE.test(target)
}

/** Whether it takes its processor time from the machine that measures it. */
export function isHere(target: string): boolean {
  return !isElsewhere(target) || LOOPBACK.test(target)
}

/** A request that fails is a figure: it is never made twice. */
export function targetOptions(open: RunSpec['open'] = {}): OpenOptions {
  return { ...open, remote: { ...open.remote, retries: 0 } }
}
