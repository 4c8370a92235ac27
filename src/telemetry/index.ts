/** Logs, metrics and traces, whatever they are about. */
export {
  createLogger,
  LOG_FORMATS,
  LOG_LEVELS,
  type LogFields,
  type LogFormat,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  noLogger,
} from './logger.ts'
export type { SummarySample } from './metrics/distribution.ts'
export { EXPOSITION_TYPE, expose } from './metrics/expose.ts'
export { ExpositionError } from './metrics/exposition-error.ts'
export type { ExpositionType, Family, HistogramSample, Labels, NumberSample, Sample } from './metrics/family.ts'
export type { ParsedFamily } from './metrics/open-family.ts'
export { parseExposition } from './metrics/parse-exposition.ts'
export { createProcessMetrics, type ProcessMetrics } from './process-metrics.ts'
export {
  childContext,
  formatTraceparent,
  newTraceContext,
  parseTraceparent,
  type TraceContext,
} from './trace-context.ts'
export { type Span, type SpanAttributes, startClientSpan, startServerSpan } from './tracing.ts'
