import type { Exchange } from './exchange.ts'

/** As nginx has it: the client left before it was told anything. */
export const LEFT = 499

/** Asked for every few seconds, by machines. */
const ROUTINE: ReadonlySet<string> = new Set(['/health', '/live', '/load', '/metrics'])

/** One record for each request, at its end: how it went, and nothing of what was asked or answered. */
export function logRequest(exchange: Exchange, status: number): void {
  const { host, route, outgoing } = exchange
  const { logger } = host
  const level = route && ROUTINE.has(route.path) ? 'debug' : status >= 500 ? 'warn' : 'info'
  if (logger.isLevelEnabled?.(level) === false) return
  const isWhole = outgoing.writableFinished
  logger[level](fieldsOf(exchange, status), isWhole ? 'answered' : 'cancelled')
}

function fieldsOf(exchange: Exchange, status: number) {
  const { host, requestId, incoming, route, caller, record, trace, arrivedAt, failureCode, priorityClass } = exchange
  return {
    id: requestId,
    method: incoming.method,
    // A path that no route has may hold anything.
    route: route?.path,
    status,
    error: failureCode,
    tenant: route?.scope === 'public' ? undefined : caller?.tenant.name,
    class: priorityClass === 'default' ? undefined : priorityClass,
    ...(record && {
      prompt_tokens: record.promptTokens,
      cached_tokens: record.cachedTokens,
      completion_tokens: record.completionTokens,
      queued_ms: tenths(record.queuedMs),
      ttft_ms: record.firstTokenMs === undefined ? undefined : tenths(record.firstTokenMs),
      finish: record.finish,
    }),
    duration_ms: tenths(performance.now() - arrivedAt),
    trace_id: trace?.traceId,
    remote: host.logger.isLevelEnabled?.('debug') === true ? incoming.socket.remoteAddress : undefined,
  }
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10
}
