import { adjusts } from '../../../sampling/adjust.ts'
import type { RowSampling } from '../../../sampling/row.ts'
import { RECORD_BYTES } from '../memory/room-bytes.ts'

const RECORD_DOUBLES = RECORD_BYTES / 8
const RECORD_WORDS = RECORD_BYTES / 4

/** What a step asks of its rows, as the kernels read it: one record a row, then all rows' lists. */
export class SamplingRecords {
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #keys: BigUint64Array

  constructor(buffer: ArrayBuffer, bytes: number) {
    this.#words = new Int32Array(buffer, 0, bytes / 4)
    this.#doubles = new Float64Array(buffer, 0, bytes / 8)
    this.#keys = new BigUint64Array(buffer, 0, bytes / 8)
  }

  /**
   * Writes `rows`, with greedy rows as padding up to `padded`.
   *
   * @returns bytes written, from the start on.
   * @throws RangeError when the lists do not fit.
   */
  write(rows: readonly RowSampling[], padded: number): number {
    let end = padded * RECORD_WORDS
    for (let r = 0; r < rows.length; r++) end = this.#row(r, rows[r]!, end)
    for (let r = rows.length; r < padded; r++) this.#pad(r)
    return end * 4
  }

  /** @returns where the next row's lists begin. */
  #row(r: number, row: RowSampling, lists: number): number {
    const words = this.#words
    const doubles = this.#doubles
    const d = r * RECORD_DOUBLES
    doubles[d] = row.temperature === 0 ? 0 : Math.max(1 / row.temperature, Number.MIN_VALUE)
    doubles[d + 1] = row.topP
    doubles[d + 2] = row.minP
    doubles[d + 3] = row.repetitionPenalty
    doubles[d + 4] = row.presencePenalty
    doubles[d + 5] = row.frequencyPenalty
    this.#keys[d + 6] = row.key
    const w = r * RECORD_WORDS
    words[w + 14] = row.position
    words[w + 15] = Math.floor(row.position / 2 ** 32)
    words[w + 16] = row.topK
    words[w + 17] = row.topLogprobs
    words[w + 18] = row.drawnBy ?? -1
    words[w + 19] = lists
    words[w + 20] = 0
    words[w + 21] = 0
    words[w + 22] = 0
    words[w + 23] = 0
    const adjusted = adjusts(row)
    words[w + 24] = adjusted ? 1 : 0
    return adjusted ? this.#lists(w, row, lists) : lists
  }

  #lists(w: number, row: RowSampling, from: number): number {
    const words = this.#words
    const repeats = row.repetitionPenalty !== 1
    const counts = row.presencePenalty !== 0 || row.frequencyPenalty !== 0
    const size =
      4 * row.bias.length + (repeats ? row.seen.size : 0) + (counts ? 2 * row.counts.size : 0) + row.banned.length
    if (from + size + 1 > words.length) {
      throw new RangeError(
        `the penalties and biases of this step take more than the ${words.length * 4} bytes that there are for them: fewer requests with penalties at once, or shorter ones`,
      )
    }
    let at = from
    for (const [id, bias] of row.bias) {
      words[at] = id
      words[at + 1] = 0
      this.#doubles[at / 2 + 1] = bias
      at += 4
    }
    words[w + 20] = row.bias.length
    if (repeats) {
      for (const id of row.seen) words[at++] = id
      words[w + 21] = row.seen.size
    }
    if (counts) {
      for (const [id, count] of row.counts) {
        words[at++] = id
        words[at++] = count
      }
      words[w + 22] = row.counts.size
    }
    for (const id of row.banned) words[at++] = id
    words[w + 23] = row.banned.length
    // Doubles lie on even words.
    return at + (at % 2)
  }

  #pad(r: number): void {
    this.#doubles.fill(0, r * RECORD_DOUBLES, (r + 1) * RECORD_DOUBLES)
    const w = r * RECORD_WORDS
    this.#words[w + 17] = -1
    this.#words[w + 18] = -1
  }
}
