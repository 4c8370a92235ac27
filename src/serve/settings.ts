/** Bounds that the server keeps for itself, with the reason for each default. */
export const SERVE_DEFAULTS = {
  /** Bytes of a body. A chat that fills a context of a million tokens is about 5 MiB. */
  maxBodyBytes: 32 * 2 ** 20,
  /** Bytes of all headers of a request: Node's own bound. */
  maxHeaderBytes: 16 * 2 ** 10,
  /** From the opening of a connection, or the first byte of a later request, to the end of its headers, in ms. */
  headersTimeoutMs: 10_000,
  /** Time to the first byte of a body and between later ones, in ms. Once it is over, 1 KiB/s must have come on average. */
  bodyTimeoutMs: 10_000,
  /** Until all of a request must be there, in ms. */
  requestTimeoutMs: 300_000,
  /** How long a connection is kept without a request, in ms: longer than load balancers keep theirs (60 s). */
  keepAliveMs: 65_000,
  /** How long a client may leave its answer untaken before it is cut off, in ms. */
  writeTimeoutMs: 30_000,
  /** Without a frame for so long, a stream gets a ping, in ms; proxies give up after 60 s. */
  pingMs: 15_000,
  /** Connections at once; each costs a file descriptor and some 10 KB. */
  maxConnections: 16_384,
  /** How long `close` waits for running requests, in ms. */
  drainTimeoutMs: 30_000,
  /** Prompt and expected output tokens that may wait. */
  queueTokens: 2 ** 20,
  /** Longest wait that is accepted, in ms, once the service rate is known. */
  queueTimeMs: 10_000,
} as const

export type Settings = { readonly [K in keyof typeof SERVE_DEFAULTS]: number }

/** The defaults with what was chosen over them. */
export function settingsOf(chosen: { readonly [K in keyof Settings]?: number | undefined }): Settings {
  const entries = Object.entries(SERVE_DEFAULTS).map(([key, value]) => [key, chosen[key as keyof Settings] ?? value])
  return Object.fromEntries(entries) as Settings
}
