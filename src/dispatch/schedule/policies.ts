import type { Distribution } from './distribution.ts'
import { Pull } from './pull.ts'
import { RoundRobin } from './round-robin.ts'
import { Steal } from './steal.ts'

type Make = (jobs: readonly number[], ranks: readonly number[]) => Distribution

/** By the names that people give them. */
export const POLICIES = {
  pull: jobs => new Pull(jobs),
  steal: (jobs, ranks) => new Steal(jobs, ranks),
  'round-robin': (jobs, ranks) => new RoundRobin(jobs, ranks),
} as const satisfies Readonly<Record<string, Make>>

/**
 * `pull`: the next job goes to whoever has room. `steal`: each rank has a part of the file, and helps others when it is through.
 * `round-robin`: job i waits for the (i mod n)th rank.
 */
export type SchedulingPolicy = keyof typeof POLICIES
