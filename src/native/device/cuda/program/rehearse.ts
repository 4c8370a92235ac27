import type { Stream } from '../../../../cuda/index.ts'
import type { StepLimits } from '../../device.ts'
import { LINEAR_ROWS, linear } from '../operations/linear.ts'
import type { StepShape } from '../step/step-room.ts'
import type { Tools } from '../tools.ts'
import type { LinearNode, Node } from './nodes.ts'

/** As rows of activations are padded. */
const ROW_MULTIPLE = 64

/** Positions that attention takes as one piece, at least. */
const LEAST_CONTEXT = 256

/**
 * Steps that between them have every kernel, every product and the most of every room that any step within `limits`
 * asks for: one for every number of rows that is a kernel or a product of its own, and for attention, which goes by how
 * much its tokens see, from one token that sees little to all tokens that see all, never more than twice as much.
 */
export function everyShape({ tokens, logitRows, contextLength }: StepLimits): readonly StepShape[] {
  const sizes = new Set(LINEAR_ROWS.map(rows => Math.min(rows, tokens)))
  for (let rows = 2; rows < tokens; rows *= 2) sizes.add(rows)
  for (let rows = 2 * ROW_MULTIPLE; rows < tokens + ROW_MULTIPLE; rows += ROW_MULTIPLE)
    sizes.add(Math.min(rows, tokens))
  const shape = (size: number, context: number): StepShape => ({
    tokens: size,
    logitRows: Math.min(size, logitRows),
    singles: size,
    singlesContext: context,
    tiles: 1,
    context,
  })
  const shapes = [...sizes].map(size => shape(size, contextLength))
  for (let context = contextLength / 2; context >= LEAST_CONTEXT / 2; context /= 2)
    shapes.push(shape(1, Math.ceil(context)))
  return shapes
}

/**
 * Runs every projection once at every number of rows that it may be asked for, so that no library loads or takes
 * anything at first sight while serving. What comes out is never looked at.
 */
export function rehearse(tools: Tools, program: readonly Node[], maxTokens: number, stream: Stream): void {
  for (const node of projectionsOf(program)) {
    const most = Math.min(maxTokens, node.out.shape[0]!)
    for (let rows = ROW_MULTIPLE; rows < most + ROW_MULTIPLE; rows += ROW_MULTIPLE) {
      const request = { ...node, rows: Math.min(rows, most), spare: true }
      for (const operation of linear(tools, request)) operation.enqueue(stream)
    }
  }
}

/** Every distinct projection. */
function projectionsOf(program: readonly Node[]): readonly LinearNode[] {
  const projections = new Map<string, LinearNode>()
  for (const node of program) {
    if (node.kind === 'linear')
      projections.set(`${node.weight.shape} ${node.out.type} ${node.bias !== undefined}`, node)
  }
  return [...projections.values()]
}
