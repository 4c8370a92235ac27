import { Random } from '../../statistics/index.ts'
import type { OpenLoad } from './load.ts'

/** Tells arrivals from all else that follows from a run's seed. */
const STREAM = 1

/**
 * Arrivals at one a unit of time, without end: renewal processes, whose gaps are independent and of mean 1. The steady
 * one begins at 0, the others with a gap.
 */
export function* unitArrivals({ arrivals, burstiness = 1 }: OpenLoad, seed: number): Generator<number, never> {
  if (arrivals === 'constant') for (let i = 0; ; i++) yield i
  const random = new Random(seed, STREAM)
  const gap = arrivals === 'gamma' ? () => random.gamma(burstiness, 1 / burstiness) : () => random.exponential(1)
  for (let at = gap(); ; at += gap()) yield at
}
