import {
  type ChoiceEnd,
  type EventStream,
  type Released,
  type ResolvedSampling,
  StopFilter,
  type TokensEvent,
} from '../engine/index.ts'
import type { Member } from './batch.ts'
import type { KvBlocks, Lease } from './kv-blocks.ts'
import { TokenSource } from './token-source.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What a sequence uses of its engine. */
export interface SequenceHost {
  readonly vocabulary: Vocabulary
  readonly blocks: KvBlocks
  readonly counts: { promptTokens: number; cachedTokens: number; generatedTokens: number }
}

/** The request that a sequence answers. */
export interface SequenceOwner {
  readonly engine: SequenceHost
  readonly stream: EventStream
  readonly prompt: readonly number[]
  readonly sampling: ResolvedSampling
  readonly seed: number
  readonly priority: number
  /** Tokens that may follow the prompt. */
  readonly limit: number
  /** After how many tokens the answer ends by itself. */
  readonly naturalEnd: number
  /** A slot is free; returns when the prompt is processed. */
  admitted(at: number, cachedTokens: number): number
  stepped(at: number): void
  ended(): void
}

/** One answer of a request on its way through the batch. */
export class Sequence implements Member {
  readonly #source: TokenSource
  readonly #filter: StopFilter
  readonly #ids: number[] = []
  #lease: Lease | undefined
  end: ChoiceEnd | undefined

  constructor(
    private readonly request: SequenceOwner,
    private readonly choice: number,
  ) {
    const { engine, sampling, prompt, seed } = request
    this.#source = new TokenSource(engine.vocabulary, sampling, prompt, seed, choice)
    this.#filter = new StopFilter(sampling.stop)
  }

  get priority(): number {
    return this.request.priority
  }

  admit(at: number): number {
    this.#lease = this.request.engine.blocks.lease(this.request.prompt)
    return this.request.admitted(at, this.#lease.cachedTokens)
  }

  step(at: number): boolean {
    const { engine, sampling, limit } = this.request
    if (this.#ids.length === 0) this.#lease?.filled()
    this.request.stepped(at)
    if (limit > 0) {
      const position = this.#ids.length
      const id = this.#source.id(position)
      this.#ids.push(id)
      engine.counts.generatedTokens++
      this.#lease?.grow(this.request.prompt.length + this.#ids.length)
      const mayStop = this.#ids.length >= sampling.minTokens
      if (mayStop && sampling.stopTokenIds.includes(id)) this.#finish({ finishReason: 'stop', stop: id })
      else {
        const logprob = sampling.logprobs ? this.#source.logprob(position, sampling.topLogprobs) : undefined
        const text = engine.vocabulary.text(id)
        const released = this.#filter.push({ id, text, ...(logprob && { logprob }) }, mayStop)
        this.#emit(released)
        if (released.stop !== undefined) this.#finish({ finishReason: 'stop', stop: released.stop })
      }
    }
    if (!this.end && this.#ids.length >= limit) this.#finish({ finishReason: 'length' })
    if (!this.end && this.#ids.length >= this.request.naturalEnd) this.#finish({ finishReason: 'stop' })
    if (this.end) this.request.ended()
    return this.end !== undefined
  }

  release(): void {
    this.#lease?.release([...this.request.prompt, ...this.#ids])
    this.#lease = undefined
  }

  #finish(end: Omit<ChoiceEnd, 'completionTokens'>): void {
    // What a stop string swallowed is gone already; at any other end, all that was held is output.
    this.#emit(this.#filter.flush())
    this.end = { ...end, completionTokens: this.#ids.length }
    this.release()
  }

  #emit({ tokens, text }: Released): void {
    if (tokens.length === 0) return
    const event: TokensEvent = { type: 'tokens', choice: this.choice, ids: tokens.map(({ id }) => id), text }
    const withLogprobs = this.request.sampling.logprobs
      ? { ...event, logprobs: tokens.flatMap(({ logprob }) => logprob ?? []) }
      : event
    this.request.stream.push(withLogprobs)
  }
}
