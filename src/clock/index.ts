/** Time, given to whoever decides by it. */
export { type Clock, systemClock } from './clock.ts'
export { type PreciseClock, preciseClock } from './precise-clock.ts'
export { VirtualClock } from './virtual-clock.ts'
