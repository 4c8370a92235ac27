/** One server-sent event: the lines of its `data`, joined. */
export interface Frame {
  readonly data: string
  /** Of `event:`, where it is given. */
  readonly event?: string
}

/** Bytes that are no event stream, in the words of what was found. */
export class SseError extends Error {
  override readonly name = 'SseError'
}

const FIELDS = new Set(['data', 'event', 'id', 'retry'])

/**
 * Reads an event stream as the HTML standard writes it, and forgives nothing that a lenient reader would: fields that
 * do not exist, bytes that are not UTF-8, a last event without its empty line.
 *
 * Lines end in LF, CRLF or CR. Comments count as signs of life only.
 */
export class SseParser {
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #rest = ''
  #atStart = true
  #data: string[] = []
  #event: string | undefined
  #hasFields = false
  comments = 0

  /** The events that these bytes complete. @throws SseError */
  push(bytes: Uint8Array): Frame[] {
    return this.#read(this.#decode(bytes), false)
  }

  /** The stream is over. @throws SseError where it ends within an event */
  end(): Frame[] {
    const frames = this.#read(this.#decode(undefined), true)
    if (this.#rest !== '' || this.#hasFields) throw new SseError('the stream ends within an event')
    return frames
  }

  #decode(bytes: Uint8Array | undefined): string {
    try {
      return bytes ? this.#utf8.decode(bytes, { stream: true }) : this.#utf8.decode()
    } catch {
      throw new SseError('the stream is not UTF-8')
    }
  }

  #read(text: string, isLast: boolean): Frame[] {
    let all = this.#rest + text
    if (this.#atStart && all !== '') {
      if (all.startsWith('\uFEFF')) all = all.slice(1)
      this.#atStart = false
    }
    const frames: Frame[] = []
    let from = 0
    for (;;) {
      const found = /\r\n|\n|\r/g
      found.lastIndex = from
      const end = found.exec(all)
      // A CR at the end may be half of a CRLF.
      if (!end || (end[0] === '\r' && end.index === all.length - 1 && !isLast)) break
      const frame = this.#line(all.slice(from, end.index))
      if (frame) frames.push(frame)
      from = found.lastIndex
    }
    this.#rest = all.slice(from)
    return frames
  }

  #line(line: string): Frame | undefined {
    if (line === '') return this.#dispatch()
    if (line.startsWith(':')) {
      this.comments++
      return undefined
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/su.exec(line) ?? []
    if (!FIELDS.has(field))
      throw new SseError(`the stream has a field that readers drop: ${JSON.stringify(field.slice(0, 40))}`)
    this.#hasFields = true
    if (field === 'data') this.#data.push(value)
    if (field === 'event') this.#event = value
    return undefined
  }

  #dispatch(): Frame | undefined {
    const frame = { data: this.#data.join('\n'), ...(this.#event !== undefined && { event: this.#event }) }
    const hasData = this.#data.length > 0
    this.#data = []
    this.#event = undefined
    this.#hasFields = false
    return hasData ? frame : undefined
  }
}
