import {
  type ChoiceEnd,
  type ChosenLogprob,
  type EventStream,
  type Released,
  type ResolvedSampling,
  StopFilter,
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
  readonly cacheSalt: string
  /** Its sequences that are held up, as its reader does not read. */
  readonly paused: number
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
  readyAt = Number.POSITIVE_INFINITY
  readonly #source: TokenSource
  /** Absent where there is nothing to look for. */
  readonly #filter: StopFilter | undefined
  #length = 0
  #lease: Lease | undefined
  end: ChoiceEnd | undefined

  constructor(
    private readonly request: SequenceOwner,
    private readonly choice: number,
  ) {
    const { engine, sampling, prompt, seed } = request
    this.#source = new TokenSource(engine.vocabulary, sampling, prompt, seed, choice)
    this.#filter = sampling.stop.length > 0 ? new StopFilter(sampling.stop) : undefined
  }

  get priority(): number {
    return this.request.priority
  }

  get paused(): boolean {
    return this.request.paused > 0
  }

  /** The first answer processes what was not cached of the prompt; the others share that. */
  get pending(): number {
    const first = this.#length === 0 && this.choice === 0
    return first && this.#lease ? this.request.prompt.length - this.#lease.cachedTokens : 1
  }

  admit(at: number): number {
    this.#lease = this.request.engine.blocks.lease(this.request.prompt, this.request.cacheSalt)
    return this.request.admitted(at, this.#lease.cachedTokens)
  }

  step(at: number): boolean {
    const { limit, naturalEnd } = this.request
    if (this.#length === 0) this.#lease?.filled()
    this.request.stepped(at)
    if (limit > 0) this.#draw()
    if (!this.end && this.#length >= limit) this.#finish('length')
    if (!this.end && this.#length >= naturalEnd) this.#finish('stop')
    if (this.end) this.request.ended()
    return this.end !== undefined
  }

  release(): void {
    this.#lease?.release()
    this.#lease = undefined
  }

  #draw(): void {
    const { engine, sampling } = this.request
    this.#length++
    const id = this.#source.next()
    engine.counts.generatedTokens++
    this.#lease?.append(id)
    const mayStop = this.#length >= sampling.minTokens
    if (mayStop && sampling.stopTokenIds.includes(id)) this.#finish('stop', id)
    else this.#tell(id, mayStop)
  }

  #tell(id: number, mayStop: boolean): void {
    const { engine, sampling } = this.request
    const logprob = sampling.logprobs ? this.#source.logprob(sampling.topLogprobs) : undefined
    const text = engine.vocabulary.text(id)
    if (!this.#filter) {
      this.#emit([id], text, logprob && [logprob])
      return
    }
    const released = this.#filter.push({ id, text, ...(logprob && { logprob }) }, mayStop)
    this.#release(released)
    if (released.stop !== undefined) this.#finish('stop', released.stop)
  }

  #finish(finishReason: ChoiceEnd['finishReason'], stop?: string | number): void {
    // What a stop string swallowed is gone already; at any other end, all that was held is output.
    if (this.#filter) this.#release(this.#filter.flush())
    this.end = { finishReason, ...(stop !== undefined && { stop }), completionTokens: this.#length }
    this.release()
  }

  #release({ tokens, text }: Released): void {
    if (tokens.length === 0) return
    const logprobs = this.request.sampling.logprobs ? tokens.flatMap(({ logprob }) => logprob ?? []) : undefined
    this.#emit(
      tokens.map(({ id }) => id),
      text,
      logprobs,
    )
  }

  #emit(ids: readonly number[], text: string, logprobs: readonly ChosenLogprob[] | undefined): void {
    const { choice } = this
    this.request.stream.push(
      logprobs ? { type: 'tokens', choice, ids, text, logprobs } : { type: 'tokens', choice, ids, text },
    )
  }
}
