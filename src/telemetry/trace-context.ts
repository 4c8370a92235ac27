import { randomBytes } from 'node:crypto'

/**
 * Where a request stands in a trace that crosses services, as W3C's `traceparent` header tells it
 * (https://www.w3.org/TR/trace-context-1/).
 */
export interface TraceContext {
  /** 32 hexadecimal digits in lower case, not all zero. */
  readonly traceId: string
  /** 16 of them, likewise. */
  readonly spanId: string
  /** Whether the caller may have recorded it. */
  readonly sampled: boolean
}

const TRACEPARENT = /^([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/s

/** Nothing where the header is missing or breaks a rule: the trace then begins here. */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(header ?? '') ?? []
  if (traceId === undefined || spanId === undefined || version === 'ff') return undefined
  // Later versions may say more, after what this one says.
  if (version === '00' && more !== undefined) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags!, 16) & 1) === 1 }
}

/** In version 00, whatever version it came in. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}

/** A trace that begins here. */
export function newTraceContext(sampled = false): TraceContext {
  return { traceId: randomHex(16), spanId: randomHex(8), sampled }
}

/** What is done here on behalf of `parent`. */
export function childContext(parent: TraceContext): TraceContext {
  return { ...parent, spanId: randomHex(8) }
}

function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
