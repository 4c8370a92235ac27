import {
  childContext,
  formatTraceparent,
  parseTraceparent,
  type Span,
  type SpanAttributes,
  startServerSpan,
} from '../../telemetry/index.ts'
import type { Exchange } from './exchange.ts'

/** What a span of each route that makes text is of, by OpenTelemetry's conventions. */
const OPERATIONS: Readonly<Record<string, string>> = {
  '/v1/chat/completions': 'chat',
  '/v1/completions': 'text_completion',
  '/completion': 'text_completion',
  '/generate': 'text_completion',
}

/** A request as part of a trace that somebody follows. */
export class RequestTrace {
  private constructor(
    /** What the client is told: the request's own place in the trace. */
    readonly traceparent: string,
    /** Where somebody collects spans. */
    private readonly span: Span | undefined,
  ) {}

  /** Nothing where nobody collects spans and the client follows no trace, or tells of one that breaks the rules. */
  static begin({ incoming, route }: Exchange): RequestTrace | undefined {
    const { method, headers } = incoming
    const span = startServerSpan(route ? `${method} ${route.path}` : method!, headers, {
      'http.request.method': method,
      'http.route': route?.path,
    })
    if (span.traceparent !== undefined) return new RequestTrace(span.traceparent, span)
    if (headers.traceparent === undefined) return undefined
    const parent = parseTraceparent(headers.traceparent as string)
    return parent && new RequestTrace(formatTraceparent(childContext(parent)), undefined)
  }

  get traceId(): string {
    return this.traceparent.slice(3, 35)
  }

  addEvent(name: 'queued' | 'admitted' | 'first token'): void {
    this.span?.addEvent(name)
  }

  end(exchange: Exchange, status: number): void {
    if (this.span === undefined) return
    this.span.setAttributes(attributesOf(exchange, status))
    const { failureCode } = exchange
    // A client's mistake is not the server's error. The code alone: words may repeat what was asked.
    if (status >= 500) this.span.recordError(failureCode ?? String(status))
    this.span.end()
  }
}

function attributesOf({ host, route, record, failureCode }: Exchange, status: number): SpanAttributes {
  const operation = route && OPERATIONS[route.path]
  return {
    'http.response.status_code': status,
    'error.type': failureCode,
    ...(operation !== undefined && {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': 'warpline',
      'gen_ai.request.model': host.model,
      'gen_ai.response.model': host.model,
    }),
    ...(record && {
      'gen_ai.usage.input_tokens': record.promptTokens,
      'gen_ai.usage.cache_read.input_tokens': record.cachedTokens,
      'gen_ai.usage.output_tokens': record.completionTokens,
      'gen_ai.response.finish_reasons': record.finish === undefined ? undefined : [record.finish],
    }),
  }
}
