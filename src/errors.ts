/**
 * The base of every error that Warpline throws on purpose.
 *
 * `code` is stable and is what callers act on; the message is one line that names the cause and, where there is
 * one, the way out. Each floor adds its own subclasses; tables at the edges map codes to HTTP statuses and exit codes.
 */
export abstract class WarplineError extends Error {
  abstract readonly code: string

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}
