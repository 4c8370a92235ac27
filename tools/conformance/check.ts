import type { Client } from './http/client.ts'
import type { Launched } from './launch.ts'

/** What a check cannot do without. */
export type Need = 'spawn' | 'key'

/** One statement about a server, and how to find out whether it holds. */
export interface Check {
  /** `topic.name` */
  readonly id: string
  /** The line of the checklist that it belongs to. */
  readonly item: number
  /** What holds, as a sentence. */
  readonly what: string
  readonly needs?: readonly Need[]
  /** Seconds that it may take beside the time limit of all checks. Default 0. */
  readonly extraSeconds?: (options: Options) => number
  /** Returns where the statement holds; throws {@link Failure} or {@link Skip} otherwise. */
  run(context: Context): Promise<void>
}

export interface Options {
  /** Base of all paths, without a slash at the end. Undefined: the server under test is started by `spawn`. */
  readonly url?: string
  readonly key?: string
  readonly model?: string
  /** Shell command with `{port}`, and `{key}` where the server can demand one. */
  readonly spawn?: string
  /** Topics, ids or items to run. Default: all. */
  readonly only: readonly string[]
  readonly json?: string
  /** For each check, in seconds. */
  readonly timeout: number
  /** What is tolerated otherwise, is a failure. */
  readonly strict: boolean
  /** Seconds of requests made from schemas. */
  readonly fuzz: number
  readonly seed: number
}

/** What a check works with. */
export interface Context {
  readonly options: Options
  /** Sends the key, if there is one. */
  readonly client: Client
  /** The model's name. */
  readonly model: string
  readonly key: string | undefined
  readonly signal: AbortSignal
  /** Something worth knowing beside the result. */
  note(text: string): void
  /** Not what the statement says, but what other servers do with reason: a note, or with `--strict` a failure. */
  tolerate(text: string): void
  /** Starts a server of the check's own, which ends with it. Not waited for. */
  launch(): Promise<Launched>
}

/** The statement does not hold: what was expected, and what came instead. */
export class Failure extends Error {
  override readonly name = 'Failure'
}

/** It cannot be found out here: why. */
export class Skip extends Error {
  override readonly name = 'Skip'
}

export function demand(condition: unknown, complaint: string): asserts condition {
  if (!condition) throw new Failure(complaint)
}

/** By value, as JSON. */
export function demandEqual(got: unknown, want: unknown, what: string): void {
  if (JSON.stringify(got) !== JSON.stringify(want))
    throw new Failure(`${what}: expected ${show(want)}, got ${show(got)}`)
}

/** Texts, told by where they part. */
export function demandText(got: string | null | undefined, want: string, what: string): void {
  if (got === want) return
  let same = 0
  while (same < want.length && got?.[same] === want[same]) same++
  const rest = (text: string) => show(text.slice(same), 40)
  const came = got === null || got === undefined ? 'nothing' : rest(got)
  throw new Failure(`${what}: expected ${rest(want)} after ${same} characters, got ${came}`)
}

/** A value on one line, cut where it is long. */
export function show(value: unknown, limit = 80): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value))
  return text.length > limit ? `${text.slice(0, limit)}…` : text
}
