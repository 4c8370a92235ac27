import { UnreachableError } from '../engine/index.ts'

/** Of one line and of one event: more is no answer, but something that would fill the memory. */
export const MAX_EVENT_BYTES = 2 ** 24

const LF = 10
const CR = 13
const BOM = '\ufeff'

/** Takes what an event of the stream says: its data, and the name of the field or event where that says `error`. */
export type OnEvent = (data: string, isError: boolean) => void

/**
 * Server-sent events as servers really send them (WHATWG HTML §9.2.6, and what old ones add to it): comments, any line
 * ends, data in several lines, llama.cpp's former `error:` field, an end without an empty line.
 *
 * Text is decoded a read at a time, up to its last line end, which no character of UTF-8 spans.
 */
export class SseParser {
  /** Of a line whose end has not come. */
  #rest: Buffer[] = []
  #restBytes = 0
  /** Of an event whose end has not come. */
  #data: string | undefined
  #isError = false
  #begun = false
  /** The last read ended in CR: an LF that follows ends no other line. */
  #skipLf = false

  constructor(private readonly onEvent: OnEvent) {}

  /** @throws UnreachableError for what has no end; what `onEvent` throws */
  push(chunk: Buffer): void {
    let from = 0
    if (this.#skipLf && chunk.length > 0) {
      if (chunk[0] === LF) from = 1
      this.#skipLf = false
    }
    const end = Math.max(chunk.lastIndexOf(LF), chunk.lastIndexOf(CR))
    if (end < from) {
      if (from < chunk.length) this.#keep(chunk.subarray(from))
      return
    }
    this.#skipLf = end === chunk.length - 1 && chunk[end] === CR
    const text = this.#rest.length === 0 ? chunk.toString('utf8', from, end + 1) : this.#joined(chunk, from, end + 1)
    if (end + 1 < chunk.length) this.#keep(chunk.subarray(end + 1))
    this.#lines(text)
  }

  /** No more will come; what stands without its line end or its empty line counts all the same. */
  end(): void {
    if (this.#restBytes > 0) this.#lines(`${this.#joined(Buffer.alloc(0), 0, 0)}\n`)
    this.#dispatch()
  }

  #keep(bytes: Buffer): void {
    this.#restBytes += bytes.length
    if (this.#restBytes > MAX_EVENT_BYTES) throw tooLong()
    // The buffer may be one that others write to next.
    this.#rest.push(Buffer.from(bytes))
  }

  #joined(chunk: Buffer, from: number, end: number): string {
    const text = Buffer.concat([...this.#rest, chunk.subarray(from, end)]).toString()
    this.#rest = []
    this.#restBytes = 0
    return text
  }

  #lines(text: string): void {
    let at = 0
    if (!this.#begun) {
      this.#begun = true
      if (text.startsWith(BOM)) at = 1
    }
    if (text.includes('\r')) {
      for (const line of text.slice(at).replace(/\r\n?/g, '\n').slice(0, -1).split('\n')) this.#line(line)
      return
    }
    while (at < text.length) {
      const end = text.indexOf('\n', at)
      // Nearly all events are one line of data.
      if (text.charCodeAt(end + 1) === LF && this.#data === undefined && text.startsWith('data:', at)) {
        const isError = this.#isError
        this.#isError = false
        this.onEvent(text.slice(text.charCodeAt(at + 5) === 32 ? at + 6 : at + 5, end), isError)
        at = end + 2
      } else {
        this.#line(text.slice(at, end))
        at = end + 1
      }
    }
  }

  #line(line: string): void {
    if (line === '') {
      this.#dispatch()
      return
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1)
    if (field === 'error') this.#isError = true
    else if (field === 'event') {
      this.#isError = value === 'error'
      return
    } else if (field !== 'data') return
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
    if (this.#data.length > MAX_EVENT_BYTES) throw tooLong()
  }

  #dispatch(): void {
    const [data, isError] = [this.#data, this.#isError]
    this.#data = undefined
    this.#isError = false
    if (data !== undefined) this.onEvent(data, isError)
  }
}

function tooLong(): UnreachableError {
  return new UnreachableError(
    `the answer holds an event of more than ${MAX_EVENT_BYTES} bytes: that is no stream of tokens`,
  )
}
