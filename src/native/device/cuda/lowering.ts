import { type FusionRules, fuse } from './fusion.ts'
import { lower } from './lower.ts'
import type { Node } from './nodes.ts'
import type { DeviceOperation } from './operation.ts'
import { defersNorm, fuses, partialCount } from './operations/linear.ts'
import type { StepMemory } from './step-memory.ts'
import type { StepShape } from './step-room.ts'
import type { Tools } from './tools.ts'

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
  const tools = { ...toolbox, step }
  return fuse(nodes, rulesOf(tools, everyRow)).flatMap(node => lower(node, tools, shape, spare))
}

function rulesOf(tools: Tools, everyRow: boolean): FusionRules {
  return {
    everyRow,
    fuses: (weight, rows, fusion) => fuses(tools, weight, rows, fusion),
    defersNorm: (weight, rows) => defersNorm(tools, weight, rows),
    partials(weight, turn) {
      const count = partialCount(tools, weight)
      return { pointer: tools.workspace(`square-sums-${turn}`, count * 4), count }
    },
  }
}
