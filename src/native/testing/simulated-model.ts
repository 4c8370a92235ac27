import { counted } from '../device/cpu/run-step.ts'
import type { PendingRows } from '../device/device.ts'
import type { StepRunner } from '../loop.ts'
import { philox } from '../sampling/philox.ts'
import type { RowSampling, SampledRow } from '../sampling/row.ts'
import { sampleRow } from '../sampling/sample-row.ts'
import type { StepPlan } from '../scheduler.ts'
import { stepInputs } from '../step-inputs.ts'

interface Part {
  readonly first: number
  readonly last: number
  /** Tokens up to the end of the part; a last one that is not known is `−1 − row`. */
  readonly tokens: readonly number[]
  readonly samples: boolean
}

/**
 * A model that is nothing but memory: each slot of its paged cache remembers which prefix was written there, and the
 * next token's logits are a function of what it finds through the block table. A block that was shared wrongly, freed
 * early or never written makes it throw; a token processed twice or out of order changes what follows.
 *
 * It computes a step when its rows are taken, as late as a device may, from what it was given when it was enqueued.
 */
export class SimulatedModel implements StepRunner {
  /** Slot → the hash of the tokens up to the one written there. */
  readonly #slots = new Map<number, number>()
  #drawn: readonly SampledRow[] = []
  #enqueued = 0
  #taken = 0

  constructor(readonly vocabSize: number) {}

  run(plan: StepPlan, rows: readonly RowSampling[]): PendingRows {
    const step = stepInputs(plan)
    if (step.logitRows.length !== rows.length) throw new Error('rows and sampling entries differ in number')
    const parts = plan.map(({ sequence, samples }, i): Part => {
      const [first, last] = [step.queryStarts[i]!, step.queryStarts[i + 1]!]
      const known = sequence.tokens.slice(0, step.contextLengths[i]!)
      return { first, last, tokens: [...known, ...step.tokens.slice(first, last).filter(token => token < 0)], samples }
    })
    const asked = rows.map(row => ({ ...row, seen: new Set(row.seen), counts: new Map(row.counts) }))
    const turn = this.#enqueued++
    return {
      take: async () => {
        if (turn !== this.#taken++) throw new Error('steps are taken in the order in which they were enqueued')
        const logits = parts.flatMap((part, i) => this.#compute(part, i, step))
        this.#drawn = logits.map((row, i) => {
          const { drawnBy } = asked[i]!
          const complete = drawnBy === undefined ? asked[i]! : counted(asked[i]!, this.#known(-1 - drawnBy))
          return sampleRow(this.spoil(row, complete), complete)
        })
        return this.#drawn
      },
    }
  }

  /** For tests of what goes wrong. */
  protected spoil(logits: Float32Array, _row: RowSampling): Float32Array {
    return logits
  }

  #compute({ first, last, tokens, samples }: Part, i: number, step: ReturnType<typeof stepInputs>): Float32Array[] {
    const slot = (position: number) => {
      const block = step.blockTables[i * step.maxBlocks + Math.floor(position / 16)]!
      return block * 16 + (position % 16)
    }
    const hashes = prefixHashes(tokens.map(token => this.#known(token)))
    if (hashes.length !== step.contextLengths[i]) throw new Error('the context is not as long as its tokens')
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
    return samples ? [this.#logits(hashes.at(-1)!)] : []
  }

  /** The token that a step's input stands for. */
  #known(token: number): number {
    return token < 0 ? Math.max(0, this.#drawn[-1 - token]!.id) : token
  }

  #logits(hash: number): Float32Array {
    return Float32Array.from({ length: this.vocabSize }, (_, id) => philox([hash, id, 0, 0], [1, 2])[0] / 2 ** 30)
  }
}

function prefixHashes(tokens: readonly number[]): number[] {
  let hash = 0
  return tokens.map(token => {
    hash = philox([hash, token, 0, 0], [3, 4])[0]
    return hash
  })
}
