import type { Readable } from 'node:stream'
import type { measureRun } from '../bench/index.ts'
import type { openTarget } from '../targets.ts'

/** Where text goes: a terminal, a pipe or a file. */
export interface Output {
  write(text: string): boolean
  once(event: 'drain', listener: () => void): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export type Signal = 'SIGINT' | 'SIGTERM'

/** All that a command touches of the world outside; tests bring their own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: Readable & { readonly isTTY?: boolean }
  /** How this process was started, program and all, for a command that starts its like. */
  readonly command?: readonly string[]
  /** Data alone. */
  readonly stdout: Output
  /** Everything said to people. */
  readonly stderr: Output
  readonly openTarget: typeof openTarget
  readonly measureRun: typeof measureRun
  /** Calls `listener` instead of ending the process, until the returned function is called. */
  onSignal(listener: (signal: Signal) => void): () => void
  /** Calls `listener` at SIGHUP, until the returned function is called. */
  onReload(listener: () => void): () => void
  /** Ends the process at once. */
  exit(code: number): void
}

/** Where data goes, and how it may look there. */
export type Place = Pick<World, 'stdout' | 'env'>
