import type { OpenLoad, TraceLoad } from './load.ts'

/**
 * When requests are due, in ms from the load's beginning, ascending, without end (a trace ends). The same for the same
 * seed in every process.
 *
 * @param seconds How long the load lasts in all: what a ramp is spread over.
 */
export function arrivals(_load: OpenLoad | TraceLoad, _seed: number, _seconds: number): IterableIterator<number> {
  throw new Error('not there yet')
}
