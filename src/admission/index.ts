/** Which request runs when, and which is refused. Pure policy: no I/O, no time but its clock's. */
export { Admission } from './admission.ts'
export { RateLimitedError } from './errors.ts'
export type * from './request.ts'
export type { AdmissionSnapshot } from './snapshot.ts'
