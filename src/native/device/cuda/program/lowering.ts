import { defersNorm, fuses, partialCount } from '../operations/linear.ts'
import type { DeviceOperation } from '../operations/operation.ts'
import type { StepMemory } from '../step/step-memory.ts'
import type { StepShape } from '../step/step-room.ts'
import type { Tools } from '../tools.ts'
import { type FusionRules, fuse } from './fusion.ts'
import { lower, lowerAttention } from './lower.ts'
import type { AttentionNode, Node } from './nodes.ts'

export type Toolbox = Omit<Tools, 'step'>

export interface ProgramKind {
  /** A step of decoding: every token's logits are wanted, in order. */
  readonly everyRow: boolean
  /** Inside a step nobody looks at rows behind those that count, so they may be written. */
  readonly spare: boolean
}

/** From what a program names to launches, in a step of a given shape whose inputs lie in a given place. */
export function lowerProgram(
  toolbox: Toolbox,
  nodes: readonly Node[],
  shape: StepShape,
  step: StepMemory,
  { everyRow, spare }: ProgramKind,
): readonly DeviceOperation[] {
  return new LoweredProgram(toolbox, nodes, shape, step, { everyRow, spare }).operations(shape)
}

/** The launches of a program of so many tokens and rows: all but attention's are the same in every such step. */
export class LoweredProgram {
  readonly #tools: Tools
  readonly #parts: readonly (readonly DeviceOperation[] | AttentionNode)[]

  constructor(
    toolbox: Toolbox,
    nodes: readonly Node[],
    shape: StepShape,
    readonly step: StepMemory,
    kind: ProgramKind,
  ) {
    const tools = { ...toolbox, step }
    this.#tools = tools
    this.#parts = fuse(nodes, rulesOf(tools, kind.everyRow)).map(node =>
      node.kind === 'attention' ? node : lower(node, tools, shape, kind.spare),
    )
  }

  /** For a step of the same tokens and rows; what attention has to do may differ. */
  operations(shape: StepShape): DeviceOperation[] {
    const all: DeviceOperation[] = []
    for (const part of this.#parts) {
      const operations = 'kind' in part ? lowerAttention(part, this.#tools, shape) : part
      for (const operation of operations) all.push(operation)
    }
    return all
  }
}

function rulesOf(tools: Tools, everyRow: boolean): FusionRules {
  return {
    everyRow,
    fuses: (weight, rows, fusion) => fuses(tools, weight, rows, fusion),
    defersNorm: (weight, rows) => defersNorm(tools, weight, rows),
    partials(weight, rows, turn) {
      const count = partialCount(tools, weight, rows)
      return { pointer: tools.workspace(`square-sums-${turn}`, rows * count * 4), count }
    },
  }
}
