/** Time, given to whoever decides by it. */
export { type Clock, systemClock } from './clock.ts'
export { machineMs } from './machine-ms.ts'
export { preciseClock } from './precise-clock.ts'
export { VirtualClock } from './virtual-clock.ts'
