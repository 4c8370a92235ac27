import { sequenceKey } from '../../sampling/philox.ts'
import type { RowSampling } from '../../sampling/row.ts'

/** Plain sampling, which others vary. */
export const PLAIN_ROW: RowSampling = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  bias: [],
  banned: [],
  key: 0n,
  position: 0,
  seen: new Set(),
  counts: new Map(),
  topLogprobs: -1,
}

/** Of a sequence that holds some of the lowest ids. */
const PENALTIES = {
  repetitionPenalty: 1.3,
  seen: new Set([1, 2, 3, 4, 8]),
  presencePenalty: 0.3,
  frequencyPenalty: 0.7,
  counts: new Map([
    [1, 2],
    [8, 1],
  ]),
}

/** What requests ask for, alone and together. */
export const SAMPLING_ROWS: readonly Partial<RowSampling>[] = [
  { temperature: 0 },
  {},
  { temperature: 0.7 },
  { topK: 1 },
  { topK: 40 },
  { topP: 0.9 },
  { topP: 0.1 },
  { topP: 0.999 },
  { minP: 0.1 },
  { minP: 0.01, topP: 0.95, topK: 50, temperature: 0.8 },
  { temperature: 0, topLogprobs: 5 },
  { topLogprobs: 20, topP: 0.95 },
  { topLogprobs: 0 },
  { temperature: 0, ...PENALTIES },
  { temperature: 0, bias: [[9, 100]] },
  { temperature: 0, bias: [[0, -100]], banned: [1, 2] },
  { bias: [[3, 7.3]], banned: [5, 6], ...PENALTIES, topLogprobs: 3, topK: 100, topP: 0.97 },
  { temperature: 2, topK: 3000, topP: 0.99 },
  { temperature: 0.01, topP: 0.5 },
]

/** Each row with a key of its own. */
export function samplingRows(rows: readonly Partial<RowSampling>[]): readonly RowSampling[] {
  return rows.map((row, i) => ({ ...PLAIN_ROW, key: sequenceKey(i, 0), position: i, ...row }))
}
