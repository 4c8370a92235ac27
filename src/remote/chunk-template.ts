import { isObject, type Json } from './reply.ts'

/** What a chunk like the last one says. */
export interface TextChunk {
  readonly choice: number
  readonly text: string
  /** Undefined where none are told. */
  readonly ids: readonly number[] | undefined
}

/** A stream in which nothing repeats, as where each chunk has a random field, is not watched any longer. */
const MOST_MISSES = 16

const IDS = '"token_ids":['
const [COMMA, ZERO, NINE] = [44, 48, 57]

/**
 * Most chunks of a stream are the same but for the text and its token ids. What stands around these in one chunk is kept,
 * and where it stands around them in the next, what differs is all that is read: JSON.parse of a chunk costs more than all
 * else that becomes of it here.
 */
export class ChunkTemplate {
  #choice = 0
  /** Up to the text's first character. */
  #before = ''
  /** From the text's closing quote to the first id, or to the end. */
  #between = ''
  /** Behind the last id; undefined where no ids are told. */
  #after: string | undefined
  #misses = 0

  /** Undefined where it must be parsed. */
  read(data: string): TextChunk | undefined {
    if (this.#before === '' || !data.startsWith(this.#before)) return undefined
    const from = this.#before.length
    const end = data.indexOf('"', from)
    if (end < 0 || !data.startsWith(this.#between, end)) return undefined
    const text = data.slice(from, end)
    // With an escape, the quote may be part of the text.
    if (text.includes('\\')) return undefined
    const idsFrom = end + this.#between.length
    if (this.#after === undefined)
      return idsFrom === data.length ? { choice: this.#choice, text, ids: undefined } : undefined
    if (!data.endsWith(this.#after)) return undefined
    const ids = idsIn(data, idsFrom, data.length - this.#after.length)
    return ids && { choice: this.#choice, text, ids }
  }

  /** Keeps what stands around the text of a chunk that says nothing else. */
  learn(data: string, json: Json): void {
    if (this.#misses > MOST_MISSES) return
    this.#misses++
    this.#before = ''
    const choice = onlyChoice(json)
    if (choice === undefined) return
    const { delta, token_ids: ids, index } = choice
    const text = isObject(delta) ? delta.content : choice.text
    if (typeof text !== 'string' || (ids !== undefined && !Array.isArray(ids))) return
    const key = delta === undefined ? '"text":"' : '"content":"'
    const at = data.indexOf(key)
    const from = at + key.length
    const end = from + text.length
    // Under one name alone it can stand nowhere else.
    if (at < 0 || data.indexOf(key, from) >= 0 || !data.startsWith(text, from) || data[end] !== '"') return
    if (ids === undefined) {
      this.#between = data.slice(end)
      this.#after = undefined
    } else {
      const idsAt = data.indexOf(IDS, end)
      const idsEnd = data.indexOf(']', idsAt)
      if (idsAt < 0 || data.indexOf(IDS) !== idsAt || data.indexOf(IDS, idsEnd) >= 0) return
      this.#between = data.slice(end, idsAt + IDS.length)
      this.#after = data.slice(idsEnd)
    }
    this.#choice = index as number
    this.#before = data.slice(0, from)
  }
}

/** Of a chunk that tells of one choice, and of it no more than text and ids. */
function onlyChoice({ choices, usage, timings, timeline, prompt_token_ids, error }: Json): Json | undefined {
  if (!areNothing(usage, timings, timeline, prompt_token_ids, error)) return undefined
  if (!Array.isArray(choices) || choices.length !== 1 || !isObject(choices[0])) return undefined
  const { index, delta, text, message, logprobs, finish_reason, prompt_token_ids: ids } = choices[0]
  if (!areNothing(message, logprobs, finish_reason, ids) || typeof index !== 'number') return undefined
  if (delta === undefined) return choices[0]
  const isPlain = isObject(delta) && Object.keys(delta).every(key => key === 'content' || key === 'role')
  return isPlain && text === undefined ? choices[0] : undefined
}

function areNothing(...values: readonly unknown[]): boolean {
  return values.every(value => value === undefined || value === null)
}

/** Numbers with commas between them; undefined where anything else stands there. */
function idsIn(data: string, from: number, end: number): number[] | undefined {
  const ids: number[] = []
  if (from === end) return ids
  let id = 0
  let digits = 0
  for (let at = from; at < end; at++) {
    const code = data.charCodeAt(at)
    if (code >= ZERO && code <= NINE) {
      id = id * 10 + code - ZERO
      digits++
    } else if (code === COMMA && digits > 0) {
      ids.push(id)
      id = 0
      digits = 0
    } else return undefined
  }
  if (digits === 0) return undefined
  ids.push(id)
  return ids
}
