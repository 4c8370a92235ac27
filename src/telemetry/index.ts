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
