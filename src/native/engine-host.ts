import type { EventEmitter } from 'node:events'
import type { FromThread, ToThread } from './messages.ts'

export interface EngineHostEvents {
  message: [FromThread]
  error: [Error]
  /** The last event: how it ended, in words. */
  exit: [string]
}

/** Where an engine runs, seen from the server's thread. Both kinds take and give the same messages in the same order. */
export interface EngineHost extends Pick<EventEmitter<EngineHostEvents>, 'on' | 'off'> {
  /** Of no effect once it has ended. */
  postMessage(message: ToThread): void
  /** It keeps this process alive, as it does from the start. */
  ref(): void
  unref(): void
}
