import {
  type ChoiceEnd,
  type ChosenLogprob,
  type Released,
  StopFilter,
  type TextToken,
  type TokenLogprob,
  type TokensEvent,
} from '../engine/index.ts'
import type { Job } from './job.ts'
import { TextAssembler } from './output/text-assembler.ts'
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

/** One of a request's answers: how its next token is chosen, what its tokens say, and when it is over. */
export class Choice {
  end: ChoiceEnd | undefined
  readonly #assembler = new TextAssembler()
  readonly #filter: StopFilter
  readonly #stopIds: ReadonlySet<number>
  readonly #endIds: ReadonlySet<number>
  readonly #fixed: Omit<RowSampling, 'banned' | 'position'>
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
    this.#filter = new StopFilter(sampling.stop)
    this.#stopIds = new Set(sampling.stopTokenIds)
    this.#endIds = sampling.ignoreEos ? new Set() : vocabulary.endIds
    this.#penalised =
      sampling.repetitionPenalty !== 1 || sampling.presencePenalty !== 0 || sampling.frequencyPenalty !== 0
    if (this.#penalised) for (const id of job.prompt) this.#seen.add(id)
    this.#fixed = {
      temperature: sampling.temperature,
      topK: sampling.topK,
      topP: sampling.topP,
      minP: sampling.minP,
      repetitionPenalty: sampling.repetitionPenalty,
      presencePenalty: sampling.presencePenalty,
      frequencyPenalty: sampling.frequencyPenalty,
      bias: Object.entries(sampling.logitBias).map(([id, bias]) => [Number(id), bias] as const),
      key: sequenceKey(sampling.seed, index),
      seen: this.#seen,
      counts: this.#counts,
      topLogprobs: sampling.logprobs ? sampling.topLogprobs : -1,
    }
  }

  /** How the next token is to be chosen. */
  row(): RowSampling {
    const early = this.sequence.outputLength < this.job.sampling.minTokens
    return {
      ...this.#fixed,
      banned: early ? [...this.#endIds, ...this.#stopIds] : [],
      position: this.sequence.tokens.length,
    }
  }

  /** Takes the chosen token; sets {@link end} when it is the last. Nothing is returned while all text is held back. */
  accept(row: SampledRow): TokensEvent | undefined {
    const { sampling } = this.job
    if (sampling.maxTokens === 0) return this.#finish({ finishReason: 'length' }).event()
    this.sequence.tokens.push(row.id)
    if (this.#penalised) this.#count(row.id)
    if (this.#endIds.has(row.id)) return this.#finish({ finishReason: 'stop' }).event()
    if (this.#stopIds.has(row.id)) return this.#finish({ finishReason: 'stop', stop: row.id }).event()

    const length = this.sequence.outputLength
    const output = new Output(this.index, sampling.logprobs)
    for (const token of this.#assembler.push(row.id, this.#bytes(row.id), this.#logprob(row))) {
      this.#filtered(token, length >= sampling.minTokens, output)
    }
    if (this.end === undefined && length >= sampling.maxTokens) this.#finish({ finishReason: 'length' }, output)
    return output.event()
  }

  /** What the stop strings let through; the end, where one is found. */
  #filtered(token: TextToken, mayStop: boolean, output: Output): void {
    if (this.end !== undefined) return
    const released = this.#filter.push(token, mayStop)
    output.add(released)
    if (released.stop !== undefined) this.#ended({ finishReason: 'stop', stop: released.stop })
  }

  /** Ends the output with all that was held back. */
  #finish(
    end: Omit<ChoiceEnd, 'completionTokens'>,
    output = new Output(this.index, this.job.sampling.logprobs),
  ): Output {
    for (const token of this.#assembler.flush()) output.add(this.#filter.push(token, false))
    output.add(this.#filter.flush())
    this.#ended(end)
    return output
  }

  #ended(end: Omit<ChoiceEnd, 'completionTokens'>): void {
    this.end = { ...end, completionTokens: this.sequence.outputLength }
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

/** What one step lets out of a choice. */
class Output {
  readonly #tokens: TextToken[] = []
  #text = ''

  constructor(
    private readonly choice: number,
    private readonly withLogprobs: boolean,
  ) {}

  add({ tokens, text }: Released): void {
    this.#tokens.push(...tokens)
    this.#text += text
  }

  event(): TokensEvent | undefined {
    if (this.#tokens.length === 0) return undefined
    const event = {
      type: 'tokens',
      choice: this.choice,
      ids: this.#tokens.map(token => token.id),
      text: this.#text,
    } as const
    return this.withLogprobs ? { ...event, logprobs: this.#tokens.flatMap(token => token.logprob ?? []) } : event
  }
}
