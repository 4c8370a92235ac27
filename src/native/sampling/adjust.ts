import type { RowSampling } from './row.ts'

/** Whether {@link adjust} would change anything. */
export function adjusts(row: RowSampling): boolean {
  return (
    row.bias.length > 0 ||
    row.banned.length > 0 ||
    row.repetitionPenalty !== 1 ||
    row.presencePenalty !== 0 ||
    row.frequencyPenalty !== 0
  )
}

/**
 * Bias, penalties and bans, in place on `logits` `[vocab]`.
 * Repetition penalty: Keskar et al., "CTRL", 2019, equation 2 (with the sign fix that all engines share);
 * presence and frequency penalties as in OpenAI's API reference.
 */
export function adjust(logits: Float32Array, row: RowSampling): void {
  for (const [id, bias] of row.bias) logits[id] = logits[id]! + bias
  if (row.repetitionPenalty !== 1) {
    for (const id of row.seen) {
      const logit = logits[id]!
      logits[id] = logit > 0 ? logit / row.repetitionPenalty : logit * row.repetitionPenalty
    }
  }
  if (row.presencePenalty !== 0 || row.frequencyPenalty !== 0) {
    for (const [id, count] of row.counts) {
      logits[id] = logits[id]! - row.presencePenalty - row.frequencyPenalty * count
    }
  }
  for (const id of row.banned) logits[id] = Number.NEGATIVE_INFINITY
}
