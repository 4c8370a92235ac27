import { type DoneEvent, InternalError, type TokensEvent, UNKNOWN_TOKEN, type Usage } from '../../engine/index.ts'
import type { Handed } from './handed.ts'

/** How the second half of an answer is joined to the first, so that no token comes twice or is lost. */
export interface Splice {
  /** What of this the client does not have; undefined where it has all of it. @throws InternalError where the halves do not fit */
  tokens(event: TokensEvent): TokensEvent | undefined
  /** What the whole answer used. @throws InternalError where it ended before the client's half did */
  usage(done: DoneEvent): Usage
}

/** The new prompt ends with what the client has: what comes is new. */
export class Continuation implements Splice {
  readonly #before: number

  constructor({ ids }: Handed) {
    this.#before = ids.length
  }

  tokens(event: TokensEvent): TokensEvent {
    return event
  }

  usage({ usage }: DoneEvent): Usage {
    return {
      promptTokens: usage.promptTokens - this.#before,
      cachedTokens: usage.cachedTokens,
      completionTokens: usage.completionTokens + this.#before,
    }
  }
}

/** The same request anew: what the client has is compared and swallowed. */
export class Replay implements Splice {
  readonly #ids: readonly number[]
  readonly #text: string
  /** Both sides tell their ids. */
  #byIds: boolean
  #at = 0
  #said = ''
  #isPast = false

  constructor({ ids, text, isKnown }: Handed) {
    this.#ids = [...ids]
    this.#text = text
    this.#byIds = isKnown
  }

  tokens(event: TokensEvent): TokensEvent | undefined {
    if (this.#isPast) return event
    const from = this.#at
    this.#at += event.ids.length
    this.#said += event.text
    if (this.#byIds) this.#byIds = !event.ids.includes(UNKNOWN_TOKEN)
    if (this.#byIds) this.#compareIds(event.ids, from)
    const [said, text] = [this.#said, this.#text]
    if (!(said.length < text.length ? text.startsWith(said) : said.startsWith(text))) throw differs()
    if (!this.#isBeyond()) return undefined
    this.#isPast = true
    return rest(event, this.#at - this.#ids.length, said.slice(text.length))
  }

  usage({ usage }: DoneEvent): Usage {
    if (!this.#isPast && !this.#hasAll()) throw differs()
    return usage
  }

  #compareIds(ids: readonly number[], from: number): void {
    const end = Math.min(ids.length, this.#ids.length - from)
    for (let i = 0; i < end; i++) if (ids[i] !== this.#ids[from + i]) throw differs()
  }

  /** Servers that tell no ids cut a text into pieces as they like: there its length alone counts. */
  #isBeyond(): boolean {
    if (this.#said.length !== this.#text.length) return this.#said.length > this.#text.length
    return this.#byIds && this.#at > this.#ids.length
  }

  #hasAll(): boolean {
    return this.#said.length === this.#text.length && (!this.#byIds || this.#at >= this.#ids.length)
  }
}

/** The event's last `count` tokens; one at least, as there is text. */
function rest(event: TokensEvent, count: number, text: string): TokensEvent {
  const from = Math.max(0, event.ids.length - Math.max(1, count))
  const { choice, ids, logprobs } = event
  return {
    type: 'tokens',
    choice,
    ids: ids.slice(from),
    text,
    ...(logprobs && { logprobs: logprobs.slice(from) }),
  }
}

function differs(): InternalError {
  return new InternalError('the answer could not be gone on with: another engine says something else')
}
