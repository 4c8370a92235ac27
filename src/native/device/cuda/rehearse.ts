import type { Stream } from '../../../cuda/index.ts'
import type { LinearNode, Node } from './nodes.ts'
import { linear } from './operations/linear.ts'
import type { Tools } from './tools.ts'

/** As rows of activations are padded. */
const ROW_MULTIPLE = 64

/**
 * Runs every projection once at every number of rows that it may be asked for, so that no library loads, compiles or
 * takes anything at first sight while serving. What comes out is never looked at.
 */
export function rehearse(tools: Tools, program: readonly Node[], maxTokens: number, stream: Stream): void {
  for (const node of projectionsOf(program)) {
    const most = Math.min(maxTokens, node.out.shape[0]!)
    for (let rows = ROW_MULTIPLE; rows < most + ROW_MULTIPLE; rows += ROW_MULTIPLE) {
      for (const operation of linear(tools, { ...node, rows: Math.min(rows, most) })) operation.enqueue(stream)
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
