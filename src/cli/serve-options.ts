import type { OptionTable } from './option-table.ts'
import { choice, flag, number, text, texts } from './value-types.ts'

/** How a server can be reached, by whom, and what it takes on. */
export const SERVE_OPTIONS = {
  host: {
    type: text,
    value: 'HOST',
    help: 'address to listen on; 0.0.0.0 for all, with --keys or --insecure',
    default: '127.0.0.1',
  },
  port: {
    type: number({ min: 0, max: 65535, whole: true }),
    value: 'PORT',
    help: 'port to listen on; 0 for any that is free',
    default: 8090,
  },
  model: {
    type: text,
    value: 'NAME',
    help: 'name that clients call the model by (default: its own; of a server elsewhere, the first it has)',
  },
  keys: {
    type: text,
    value: 'FILE',
    help: 'who may call: a file with a key a line, read again at SIGHUP; also WARPLINE_API_KEYS and WARPLINE_ADMIN_KEYS',
  },
  insecure: {
    type: flag,
    help: 'listen where other machines can reach it, though it asks nobody who they are',
    default: false,
  },
  allowedHost: {
    type: texts,
    value: 'NAME',
    help: 'a name by which clients may call the server, e.g. behind a proxy; may be given several times',
  },
  corsOrigin: {
    type: texts,
    value: 'ORIGIN',
    help: 'a web page’s origin that may call the server, e.g. https://chat.example; may be given several times',
  },
  tlsCert: { type: text, value: 'FILE', help: 'the certificate chain (PEM): serve https; read again at SIGHUP' },
  tlsKey: { type: text, value: 'FILE', help: 'the certificate’s private key (PEM)' },
  queueTokens: {
    type: number({ min: 1, max: Number.MAX_SAFE_INTEGER, whole: true }),
    value: 'N',
    help: 'prompt and expected output tokens that may wait; beyond, requests are refused with 429',
    default: 1_048_576,
  },
  queueTime: {
    type: number({ min: 0, max: 86400 }),
    value: 'SECONDS',
    help: 'longest wait that is taken on, at the rate that was measured; beyond, requests are refused with 429',
    default: 10,
  },
  writeTimeout: {
    type: number({ over: 0, max: 86400 }),
    value: 'SECONDS',
    help: 'how long a client may leave its answer untaken before it is cut off',
    default: 30,
  },
  drainTimeout: {
    type: number({ min: 0, max: 86400 }),
    value: 'SECONDS',
    help: 'how long running requests may go on after a signal to stop',
    default: 30,
  },
  onEngineFailure: {
    type: choice('stay', 'restart', 'exit'),
    value: 'WHAT',
    help: 'when the engine is lost: stay and say so (503), restart it, or exit for a supervisor to do so',
    default: 'stay',
  },
  logLevel: {
    type: choice('debug', 'info', 'warn', 'error', 'silent'),
    value: 'LEVEL',
    help: 'least that is logged: debug, info (a line a request), warn, error, silent',
    default: 'info',
  },
  logFormat: { type: choice('text', 'json'), value: 'FORMAT', help: 'log lines as text or json', default: 'text' },
} as const satisfies Partial<OptionTable>

export const SERVE_KEYS = Object.keys(SERVE_OPTIONS) as readonly (keyof typeof SERVE_OPTIONS)[]
