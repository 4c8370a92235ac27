import { LineFile } from '../../prompts/index.ts'

/** What was once asked, and when. */
export interface Trace {
  /** Since the first, in ms; ascending. */
  readonly atMs: Float64Array
  /** In tokens. */
  readonly inputLengths: Uint32Array
  readonly outputLengths: Uint32Array
  /** Names of each prompt's blocks, where they were recorded: prompts share what begins with the same names. */
  readonly blocks: readonly (readonly number[] | undefined)[]
}

/** Tokens of a block that a trace names: Mooncake's. */
export const TRACE_BLOCK = 512

/** Reads a trace as Mooncake published theirs (Qin et al., "Mooncake", 2024). @throws WorkFileError */
export function readTrace(path: string): Trace {
  const file = new LineFile(path, { comments: true })
  if (file.length === 0) throw file.error(0, 'it holds no requests')
  const atMs = new Float64Array(file.length)
  const inputLengths = new Uint32Array(file.length)
  const outputLengths = new Uint32Array(file.length)
  const blocks: (readonly number[] | undefined)[] = []
  let first = 0
  let before = Number.NEGATIVE_INFINITY
  for (let i = 0; i < file.length; i++) {
    const line = file.json(i)
    const fail = (what: string) => file.error(i, what)
    const at = numberOf(line, 'timestamp', 0, fail)
    if (at < before) throw fail(`timestamp ${at} is before ${before} of the request above: sort the trace by time`)
    before = at
    if (i === 0) first = at
    atMs[i] = at - first
    inputLengths[i] = lengthOf(line, 'input_length', fail)
    outputLengths[i] = lengthOf(line, 'output_length', fail)
    blocks.push(blocksOf(line, fail))
  }
  return { atMs, inputLengths, outputLengths, blocks }
}

type Fail = (what: string) => Error

function numberOf(line: unknown, key: string, least: number, fail: Fail): number {
  const value = fieldOf(line, key)
  if (value === undefined) throw fail(`${key} is missing: a line is {"timestamp": ms, "input_length", "output_length"}`)
  if (typeof value !== 'number' || !(value >= least)) throw fail(`${key} must be a number from ${least} on`)
  return value
}

function lengthOf(line: unknown, key: string, fail: Fail): number {
  const value = numberOf(line, key, 1, fail)
  if (!Number.isInteger(value) || value >= 2 ** 31) throw fail(`${key} must be a whole number of tokens`)
  return value
}

function blocksOf(line: unknown, fail: Fail): readonly number[] | undefined {
  const value = fieldOf(line, 'hash_ids')
  if (value === undefined) return undefined
  if (!Array.isArray(value) || !value.every(id => Number.isSafeInteger(id))) {
    throw fail('hash_ids must be a list of whole numbers')
  }
  return value
}

function fieldOf(line: unknown, key: string): unknown {
  return typeof line === 'object' && line !== null && Object.hasOwn(line, key)
    ? (line as Record<string, unknown>)[key]
    : undefined
}
