import { InvalidRequestError } from '../../engine/index.ts'
import type { OpenLoad, TraceLoad } from './load.ts'
import { rampTime } from './ramp.ts'
import { readTrace } from './trace.ts'
import { unitArrivals } from './unit-arrivals.ts'

/**
 * When requests are due, in ms from the load's beginning, ascending, without end (a trace ends). The same for the same
 * seed in every process.
 *
 * @param seconds How long the load lasts in all: what a ramp is spread over.
 * @throws WorkFileError of a trace, at once; InvalidRequestError of a rate that is none
 */
export function arrivals(load: OpenLoad | TraceLoad, seed: number, seconds: number): IterableIterator<number> {
  if (load.kind === 'trace') {
    const { path, speed = 1 } = load
    check('speed', speed, speed > 0)
    return readTrace(path)
      .atMs.map(at => at / speed)
      .values()
  }
  const { rate, rampFrom, burstiness = 1 } = load
  check('rate', rate, rate > 0)
  check('burstiness', burstiness, burstiness > 0)
  if (rampFrom === undefined) return scaled(unitArrivals(load, seed), at => (at / rate) * 1000)
  check('rampFrom', rampFrom, rampFrom >= 0)
  check('seconds', seconds, seconds > 0)
  return scaled(unitArrivals(load, seed), at => rampTime(at, rampFrom, rate, seconds) * 1000)
}

function* scaled(arrivals: Iterable<number>, time: (at: number) => number): Generator<number> {
  for (const at of arrivals) yield time(at)
}

function check(name: string, value: number, holds: boolean): void {
  if (!(holds && Number.isFinite(value))) throw new InvalidRequestError(`a load's ${name} cannot be ${value}`, name)
}
