import type { RowSampling, SampledRow } from '../../../sampling/row.ts'
import { NONE } from '../../../sampling/sample-row.ts'
import { CHOSEN_BYTES, type SamplerOptions, samplingRoom, TOPS, TOPS_BYTES } from '../memory/room-bytes.ts'
import type { DeviceOperation } from '../operations/operation.ts'
import { MAX_VOCAB, sample } from '../operations/sample.ts'
import type { CudaTensor } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { SamplingRecords } from './sampling-records.ts'

/**
 * Chooses tokens on the card, as `sampleRow` does. Parameters go there and results come back through memory of the
 * caller's, so that steps may be in flight; addresses never change, so that graphs may hold them.
 */
export class Sampler {
  readonly maxRows: number
  readonly vocab: number
  /** Device address of what {@link stage} writes. */
  readonly parameters: number
  readonly parameterBytes: number
  /** Device address of what {@link read} reads. */
  readonly results: number
  readonly resultBytes: number
  readonly #room: ReturnType<typeof samplingRoom>
  readonly #records = new WeakMap<ArrayBuffer, SamplingRecords>()

  constructor(
    private readonly tools: Tools,
    { maxRows, vocab, maxContext }: SamplerOptions,
  ) {
    if (vocab > MAX_VOCAB)
      throw new RangeError(`a vocabulary of ${vocab} is larger than the ${MAX_VOCAB} that sampling is made for`)
    this.maxRows = maxRows
    this.vocab = vocab
    const room = samplingRoom({ maxRows, vocab, maxContext })
    this.#room = room
    this.parameterBytes = room.parameters
    this.resultBytes = room.results
    this.parameters = tools.workspace('sample-parameters', this.parameterBytes)
    this.results = tools.workspace('sample-results', this.resultBytes)
  }

  /**
   * Writes what `rows` ask for into `buffer`, of {@link parameterBytes}, with padding up to `padded` rows.
   *
   * @returns how many bytes of it are to be copied to {@link parameters}.
   * @throws RangeError when the lists of all rows exceed the room for them.
   */
  stage(buffer: ArrayBuffer, rows: readonly RowSampling[], padded: number): number {
    let records = this.#records.get(buffer)
    if (records === undefined) {
      records = new SamplingRecords(buffer, this.parameterBytes)
      this.#records.set(buffer, records)
    }
    return records.write(rows, padded)
  }

  /** The launches for the first `rows` rows of `logits`. */
  operations(logits: CudaTensor, rows: number): readonly DeviceOperation[] {
    return sample(this.tools, {
      logits,
      rows,
      room: this.#room,
      parameters: this.parameters,
      chosen: this.results,
      likeliest: this.results + this.maxRows * CHOSEN_BYTES,
      tops: TOPS,
    })
  }

  /** How many bytes from {@link results} on `rows` need. */
  resultBytesFor(rows: readonly RowSampling[]): number {
    const likeliest = rows.some(row => row.topLogprobs > 0)
    return likeliest ? this.maxRows * CHOSEN_BYTES + rows.length * TOPS_BYTES : rows.length * CHOSEN_BYTES
  }

  /** What came back in `buffer`. */
  read(buffer: ArrayBuffer, rows: readonly RowSampling[]): SampledRow[] {
    const ids = new Int32Array(buffer, 0, this.resultBytes / 4)
    const logprobs = new Float32Array(buffer, 0, this.resultBytes / 4)
    return rows.map(({ topLogprobs }, r) => {
      const id = ids[2 * r]!
      if (topLogprobs < 0 || id === NONE) return { id, logprob: Number.NaN, top: NO_TOP }
      const top: [number, number][] = []
      const first = 2 * this.maxRows + 2 * TOPS * r
      for (let i = 0; i < Math.min(topLogprobs, TOPS) && ids[first + 2 * i] !== NONE; i++) {
        top.push([ids[first + 2 * i]!, logprobs[first + 2 * i + 1]!])
      }
      return { id, logprob: logprobs[2 * r + 1]!, top }
    })
  }
}

const NO_TOP: SampledRow['top'] = []
