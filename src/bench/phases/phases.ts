import type { RequestRecord } from '../record/request-record.ts'

/** A part of the time to the first token, in ms. */
export interface Phase {
  readonly name: string
  of(record: RequestRecord): number
}

/**
 * The two machines' clocks are never set against each other: of the server's only differences count, so what a request
 * and its first token spent on the way is known as a sum alone. It is what is left, and holds the kernel, the wire, both
 * HTTP implementations and the client's own reading.
 */
export const PHASES_BY_TIMELINE: readonly Phase[] = [
  { name: 'client queue', of: clientQueue },
  { name: 'network and HTTP, both ways', of: record => fromSent(record) - timeline(record).tokensAt[0]! },
  { name: 'reading and tokenising', of: record => timeline(record).queuedAt },
  { name: 'admission', of: record => timeline(record).admittedAt - timeline(record).queuedAt },
  { name: 'engine queue', of: record => timeline(record).startedAt - timeline(record).admittedAt },
  { name: 'prefill', of: record => timeline(record).tokensAt[0]! - timeline(record).startedAt },
]

/** Of engines in this process, and of servers that tell no more: what they measured themselves, and the rest. */
export const PHASES_BY_TIMINGS: readonly Phase[] = [
  { name: 'client queue', of: clientQueue },
  {
    name: 'all around the engine',
    of: record => fromSent(record) - record.timings!.queuedMs - record.timings!.prefillMs,
  },
  { name: 'engine queue', of: ({ timings }) => timings!.queuedMs },
  { name: 'prefill', of: ({ timings }) => timings!.prefillMs },
]

function clientQueue({ dueMs, sentMs }: RequestRecord): number {
  return sentMs - dueMs
}

function fromSent({ sentMs, arrivalsMs }: RequestRecord): number {
  return arrivalsMs[0]! - sentMs
}

function timeline({ timeline }: RequestRecord) {
  return timeline!
}
