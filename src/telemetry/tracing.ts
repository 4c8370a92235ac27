import {
  type Context,
  context,
  isSpanContextValid,
  type Span as OtelSpan,
  propagation,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { formatTraceparent, parseTraceparent } from './trace-context.ts'

/** Named as OpenTelemetry's semantic conventions name them; what is undefined is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | string[] | undefined>>

/** The time that something takes, as a tracing system shows it. */
export interface Span {
  /** What passes the trace on to other services; nothing where there is no trace. */
  readonly traceparent: string | undefined
  setAttributes(attributes: SpanAttributes): void
  /** Something happened, now. */
  addEvent(name: string): void
  /** Marks the span as failed, with what was thrown. */
  recordError(error: unknown): void
  /** Once, at last. */
  end(): void
}

/** What stands for all spans while nobody collects any. */
const NO_SPAN: Span = Object.freeze({
  traceparent: undefined,
  setAttributes: () => undefined,
  addEvent: () => undefined,
  recordError: () => undefined,
  end: () => undefined,
})

/**
 * Begins the span of a request: a child of the span it arrives in, be that one that an instrumentation of `node:http`
 * has made or one that the headers tell of in the propagator's way. Spans go wherever the process's OpenTelemetry SDK
 * sends them; without an SDK nothing is done.
 *
 * @param headers with names in lower case
 */
export function startServerSpan(
  name: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  attributes: SpanAttributes,
): Span {
  const active = context.active()
  return start(name, SpanKind.SERVER, attributes, trace.getSpan(active) ? active : propagation.extract(active, headers))
}

/**
 * Begins the span of what another service is asked for: a child of the span that `traceparent` tells of, else of the one
 * that is active. Without an SDK nothing is done.
 */
export function startClientSpan(name: string, traceparent: string | undefined, attributes: SpanAttributes): Span {
  const active = context.active()
  const told = parseTraceparent(traceparent)
  if (told === undefined) return start(name, SpanKind.CLIENT, attributes, active)
  const { traceId, spanId, sampled } = told
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE
  const parent = trace.setSpanContext(active, { traceId, spanId, traceFlags, isRemote: true })
  return start(name, SpanKind.CLIENT, attributes, parent)
}

function start(name: string, kind: SpanKind, attributes: SpanAttributes, parent: Context): Span {
  const span = trace.getTracer('warpline').startSpan(name, { kind, attributes }, parent)
  return isSpanContextValid(span.spanContext()) ? new CollectedSpan(span) : NO_SPAN
}

class CollectedSpan implements Span {
  constructor(private readonly span: OtelSpan) {}

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.span.spanContext()
    return formatTraceparent({ traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 })
  }

  setAttributes(attributes: SpanAttributes): void {
    this.span.setAttributes(attributes)
  }

  addEvent(name: string): void {
    this.span.addEvent(name)
  }

  recordError(error: unknown): void {
    const known = error instanceof Error
    this.span.recordException(known ? error : String(error))
    this.span.setStatus({ code: SpanStatusCode.ERROR, message: known ? error.message : String(error) })
  }

  end(): void {
    this.span.end()
  }
}
