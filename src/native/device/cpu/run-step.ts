import type { RowSampling, SampledRow } from '../../sampling/row.ts'
import type { Device, Tensor } from '../device.ts'

/** One token for each row of `logits`; see {@link Device.sample}. */
export type Sampler = (logits: Tensor, rows: readonly RowSampling[]) => readonly SampledRow[]

/** {@link Device.run} of a device that computes on the caller's thread: a step is over when it is enqueued. */
export function stepRunner(sample: Sampler): Device['run'] {
  /** What the step before drew. */
  let drawn: readonly SampledRow[] = []

  return function (this: Device, step, rows, program) {
    const known = (row: number): number => Math.max(0, drawn[row]!.id)
    const tokens = step.tokens.map(token => (token < 0 ? known(-1 - token) : token))
    this.begin({ ...step, tokens })
    const logits = program(tokens.length, step.logitRows.length)
    const complete = rows.map(row => (row.drawnBy === undefined ? row : counted(row, known(row.drawnBy))))
    const sampled = sample(logits, complete)
    drawn = sampled
    return { take: async () => sampled }
  }
}

/** The row with `id` among what its sequence holds. */
export function counted(row: RowSampling, id: number): RowSampling {
  const counts = new Map(row.counts).set(id, (row.counts.get(id) ?? 0) + 1)
  return { ...row, seen: new Set(row.seen).add(id), counts }
}
