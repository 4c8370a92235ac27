import type { ChosenLogprob, ResolvedSampling, TokenLogprob } from '../engine/index.ts'
import { hash, mix } from './hash.ts'
import type { Vocabulary } from './vocabulary.ts'

/**
 * What the pretended model would draw. As a real one does, it goes on from where a prompt ends, whoever wrote that: a greedy
 * token is a function of all tokens before it, any other of (seed, choice, place in the sequence).
 */
export class TokenSource {
  readonly #greedy: boolean
  /** Greedy: of all tokens so far. Else: of seed and choice. */
  #key: number
  #place: number
  /** Of the next token; the likelihoods of one are of the same. */
  #draw = 0

  constructor(
    private readonly vocabulary: Vocabulary,
    { temperature }: ResolvedSampling,
    prompt: readonly number[],
    seed: number,
    choice: number,
  ) {
    this.#greedy = temperature === 0
    this.#key = this.#greedy ? prompt.reduce(mix, 0) : hash(seed, choice)
    this.#place = prompt.length
  }

  /** The next token. */
  next(): number {
    this.#draw = this.#greedy ? hash(this.#key) : hash(this.#key, this.#place)
    const id = this.#draw % this.vocabulary.size
    if (this.#greedy) this.#key = mix(this.#key, id)
    this.#place++
    return id
  }

  /** Likelihoods to go with the token that came last: it is the likeliest, each further one half as likely as the one before. */
  logprob(top: number): ChosenLogprob {
    const id = this.#draw % this.vocabulary.size
    const share = 0.5 + 0.45 * (hash(this.#draw, 1) / 2 ** 32)
    const likeliest = Array.from({ length: Math.min(top, this.vocabulary.size) }, (_, rank) =>
      this.#describe((id + rank) % this.vocabulary.size, rank === 0 ? share : (1 - share) * 2 ** -rank),
    )
    return { ...this.#describe(id, share), top: likeliest }
  }

  #describe(id: number, probability: number): TokenLogprob {
    const token = this.vocabulary.text(id)
    return { id, token, bytes: [...Buffer.from(token)], logprob: Math.log(probability) }
  }
}
