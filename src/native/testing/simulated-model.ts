import type { StepRunner } from '../loop.ts'
import { philox } from '../sampling/philox.ts'
import type { RowSampling, SampledRow } from '../sampling/row.ts'
import { sampleRow } from '../sampling/sample-row.ts'
import type { StepPlan } from '../scheduler.ts'
import { stepInputs } from '../step-inputs.ts'

/**
 * A model that is nothing but memory: each slot of its paged cache remembers which prefix was written there, and the
 * next token's logits are a function of what it finds through the block table. A block that was shared wrongly, freed
 * early or never written makes it throw; a token processed twice or out of order changes what follows.
 */
export class SimulatedModel implements StepRunner {
  /** Slot → the hash of the tokens up to the one written there. */
  readonly #slots = new Map<number, number>()

  constructor(readonly vocabSize: number) {}

  async run(plan: StepPlan, rows: readonly RowSampling[]): Promise<readonly SampledRow[]> {
    const step = stepInputs(plan)
    const logits: Float32Array[] = []
    for (const [i, { sequence, samples }] of plan.entries()) {
      const slot = (position: number) => {
        const block = step.blockTables[i * step.maxBlocks + Math.floor(position / 16)]!
        return block * 16 + (position % 16)
      }
      const first = step.queryStarts[i]!
      const last = step.queryStarts[i + 1]!
      const hashes = prefixHashes(sequence.tokens, step.contextLengths[i]!)
      for (let at = first; at < last; at++) {
        const position = step.positions[at]!
        if (step.slots[at] !== slot(position)) throw new Error('slot and block table disagree')
        this.#slots.set(step.slots[at]!, hashes[position]!)
      }
      for (const [position, hash] of hashes.entries()) {
        if (this.#slots.get(slot(position)) !== hash) {
          throw new Error(`position ${position} of a sequence reads another's memory`)
        }
      }
      if (samples) logits.push(this.#logits(hashes.at(-1)!))
    }
    if (logits.length !== rows.length) throw new Error('rows and sampling entries differ in number')
    return logits.map((row, i) => sampleRow(row, rows[i]!))
  }

  #logits(hash: number): Float32Array {
    return Float32Array.from({ length: this.vocabSize }, (_, id) => philox([hash, id, 0, 0], [1, 2])[0] / 2 ** 30)
  }
}

function prefixHashes(tokens: readonly number[], count: number): number[] {
  let hash = 0
  return tokens.slice(0, count).map(token => {
    hash = philox([hash, token, 0, 0], [3, 4])[0]
    return hash
  })
}
