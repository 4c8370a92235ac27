import type { ChoiceEnd, ChosenLogprob, FinishReason, TokenLogprob, TokensEvent } from '../engine/index.ts'
import type { Job } from './job.ts'
import { ChoiceOutput } from './output/choice-output.ts'
import { isSpecial, type TokenTable, tokenBytes } from './output/token-table.ts'
import { decodeUtf8 } from './output/utf8.ts'
import { sequenceKey } from './sampling/philox.ts'
import type { RowSampling, SampledRow } from './sampling/row.ts'
import type { Sequence } from './sequence.ts'

export interface Vocabulary {
  readonly table: TokenTable
  /** The model's own end tokens. */
  readonly endIds: ReadonlySet<number>
}

/** What changes from step to step. */
type Moving = Omit<RowSampling, 'banned' | 'position' | 'drawnBy'> & {
  -readonly [K in 'banned' | 'position' | 'drawnBy']: RowSampling[K]
}

const NO_IDS: readonly number[] = []

/** One of a request's answers: how its next token is chosen, what its tokens say, and when it is over. */
export class Choice {
  end: ChoiceEnd | undefined
  readonly #output: ChoiceOutput
  readonly #stopIds: ReadonlySet<number>
  readonly #endIds: ReadonlySet<number>
  readonly #row: Moving
  /** Ids that may not come before `minTokens`. */
  readonly #early: readonly number[]
  readonly #seen = new Set<number>()
  readonly #counts = new Map<number, number>()
  readonly #penalised: boolean

  constructor(
    readonly index: number,
    readonly sequence: Sequence,
    private readonly job: Job,
    private readonly vocabulary: Vocabulary,
  ) {
    const { sampling } = job
    this.#output = new ChoiceOutput(index, sampling.stop, sampling.logprobs)
    this.#stopIds = new Set(sampling.stopTokenIds)
    this.#endIds = sampling.ignoreEos ? new Set() : vocabulary.endIds
    this.#penalised =
      sampling.repetitionPenalty !== 1 || sampling.presencePenalty !== 0 || sampling.frequencyPenalty !== 0
    if (this.#penalised) for (const id of job.prompt) this.#seen.add(id)
    this.#early = [...this.#endIds, ...this.#stopIds]
    this.#row = {
      temperature: sampling.temperature,
      topK: sampling.topK,
      topP: sampling.topP,
      minP: sampling.minP,
      repetitionPenalty: sampling.repetitionPenalty,
      presencePenalty: sampling.presencePenalty,
      frequencyPenalty: sampling.frequencyPenalty,
      bias: Object.entries(sampling.logitBias).map(([id, bias]) => [Number(id), bias] as const),
      banned: NO_IDS,
      key: sequenceKey(sampling.seed, index),
      position: 0,
      seen: this.#seen,
      counts: this.#counts,
      drawnBy: undefined,
      topLogprobs: sampling.logprobs ? sampling.topLogprobs : -1,
    }
  }

  /** How the next token is to be chosen, be the last one known or not. One object for all steps: it is read at once. */
  row(): RowSampling {
    const { length, promptLength, unknown, drawnBy } = this.sequence
    const row = this.#row
    row.position = length
    row.banned = length - promptLength < this.job.sampling.minTokens ? this.#early : NO_IDS
    row.drawnBy = this.#penalised && unknown > 0 ? drawnBy : undefined
    return row
  }

  /** Takes the chosen token; sets {@link end} when it is the last. Nothing is returned while all text is held back. */
  accept(row: SampledRow): TokensEvent | undefined {
    this.end = this.#advance(row)
    if (this.end !== undefined && typeof this.end.stop !== 'string') this.#output.flush()
    return this.#output.take()
  }

  /** One token on; how the choice ended, if it did. */
  #advance(row: SampledRow): ChoiceEnd | undefined {
    const { sampling } = this.job
    if (sampling.maxTokens === 0) return this.#ended('length')
    this.sequence.tokens.push(row.id)
    if (this.#penalised) this.#count(row.id)
    if (this.#endIds.has(row.id)) return this.#ended('stop')
    if (this.#stopIds.has(row.id)) return this.#ended('stop', row.id)

    const length = this.sequence.outputLength
    const stop = this.#output.push(row.id, this.#bytes(row.id), this.#logprob(row), length >= sampling.minTokens)
    if (stop !== undefined) return this.#ended('stop', stop)
    return length >= sampling.maxTokens ? this.#ended('length') : undefined
  }

  #ended(finishReason: FinishReason, stop?: string | number): ChoiceEnd {
    return { finishReason, completionTokens: this.sequence.outputLength, ...(stop !== undefined && { stop }) }
  }

  #count(id: number): void {
    this.#seen.add(id)
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1)
  }

  /** What the token adds to the text. */
  #bytes(id: number): Uint8Array {
    const { table } = this.vocabulary
    const hidden = this.job.sampling.skipSpecialTokens && isSpecial(table, id)
    return hidden ? new Uint8Array() : tokenBytes(table, id)
  }

  #logprob({ id, logprob, top }: SampledRow): ChosenLogprob | undefined {
    if (!this.job.sampling.logprobs) return undefined
    return { ...this.#describe(id, logprob), top: top.map(([topId, topLogprob]) => this.#describe(topId, topLogprob)) }
  }

  #describe(id: number, logprob: number): TokenLogprob {
    const bytes = tokenBytes(this.vocabulary.table, id)
    return { id, token: decodeUtf8(bytes), bytes: [...bytes], logprob }
  }
}
