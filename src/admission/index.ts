/** Which request runs when, and which is refused. Pure policy: no I/O, no time but its clock's. */
export { Admission, type AdmissionOptions } from './admission.ts'
export { DecayingRate } from './decaying-rate.ts'
export { RateLimitedError } from './errors.ts'
export { OutputLength } from './output-length.ts'
export { type ClassOptions, PRIORITY_CLASSES, type PriorityClass } from './priority-class.ts'
export type * from './request.ts'
export type { AdmissionSnapshot, ClassSnapshot } from './snapshot.ts'
