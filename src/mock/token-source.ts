import type { ChosenLogprob, ResolvedSampling, TokenLogprob } from '../engine/index.ts'
import { hash, mix } from './hash.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What the pretended model would draw: a function of (seed, choice, position), or of the prompt when greedy. */
export class TokenSource {
  readonly #key: number

  constructor(
    private readonly vocabulary: Vocabulary,
    { temperature }: ResolvedSampling,
    prompt: readonly number[],
    seed: number,
    choice: number,
  ) {
    this.#key = temperature === 0 ? prompt.reduce(mix, 0) : hash(seed, choice)
  }

  /** The token `position` places after the prompt. */
  id(position: number): number {
    return hash(this.#key, position) % this.vocabulary.size
  }

  /** A likelihood to go with it: the drawn token is the likeliest, each further one half as likely as the one before. */
  logprob(position: number, top: number): ChosenLogprob {
    const id = this.id(position)
    const share = 0.5 + 0.45 * (hash(this.#key, position, 1) / 2 ** 32)
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
