import type { PriorityClass } from './priority-class.ts'

/** Since the start. `accepted` = `completed` + `cancelled` + `failed` + those waiting + those running, always. */
export interface AdmissionCounts {
  readonly accepted: number
  /** At once, by the error's code. */
  readonly refused: Readonly<Record<'overloaded' | 'rate_limited' | 'deadline_exceeded', number>>
  readonly completed: number
  readonly cancelled: number
  /** Those `pushedOut` and `expired` among them. */
  readonly failed: number
  /** Gave way, in a full queue, to higher classes and to tenants that held less of it. */
  readonly pushedOut: number
  /** Their deadline passed while they waited. */
  readonly expired: number
  /** Came back at the time that they were told… */
  readonly returned: number
  /** …and were refused again. */
  readonly refusedAgain: number
}

/** The same of one class, as far as it is told apart. */
export interface ClassCounts {
  readonly accepted: number
  /** At once, for whatever reason. */
  readonly refused: number
  readonly pushedOut: number
}

export interface ClassSnapshot {
  /** Requests. */
  readonly waiting: number
  /** Tokens of their prompts and expected outputs. */
  readonly waitingTokens: number
  /** Requests in the engine. */
  readonly running: number
  readonly counts: ClassCounts
}

export interface AdmissionSnapshot {
  /** Requests. */
  readonly waiting: number
  /** Tokens of their prompts and expected outputs. */
  readonly waitingTokens: number
  /** So many of these may wait, as of now. */
  readonly waitingTokensBound: number
  /** Requests in the engine. */
  readonly running: number
  readonly runningSequences: number
  /** Prompt and output tokens that the engine gets through when it has enough to do; undefined while unknown. */
  readonly tokensPerSecond: number | undefined
  /** Refused requests that were told a time at which they will be taken in. */
  readonly bookings: number
  /** Tokens of room that new arrivals leave for bookings about due. */
  readonly heldTokens: number
  readonly counts: AdmissionCounts
  readonly classes: Readonly<Record<PriorityClass, ClassSnapshot>>
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] extends number ? number : Writable<T[Key]> }

export function newClassCounts(): Writable<ClassCounts> {
  return { accepted: 0, refused: 0, pushedOut: 0 }
}

export function newCounts(): Writable<AdmissionCounts> {
  return {
    accepted: 0,
    refused: { overloaded: 0, rate_limited: 0, deadline_exceeded: 0 },
    completed: 0,
    cancelled: 0,
    failed: 0,
    pushedOut: 0,
    expired: 0,
    returned: 0,
    refusedAgain: 0,
  }
}
