import type { CudaTensor, CudaWeight } from '../tensor.ts'
import type { AddNormNode, GatedNode, GatherNode, LinearNode, Node, RopeNode } from './nodes.ts'
import { overwrites, readsOf } from './nodes.ts'

/** What can be done to the product of a projection where it is made. */
export type Fusion = 'residual' | 'residual-norm' | 'gated' | 'rope'

/** What the kernels at hand can do, for so many rows. */
export interface FusionRules {
  /** Every token's logits are wanted, in order: the step is one of decoding. */
  readonly everyRow: boolean
  /** Whether the projection has a kernel that does it. */
  fuses(weight: CudaWeight, rows: number, fusion: Fusion): boolean
  /** Whether the projection can finish a norm that its input's maker began. */
  defersNorm(weight: CudaWeight, rows: number): boolean
  /** Room for the sums of squares that a projection leaves: its address and how many a row has. Two rooms take turns. */
  partials(weight: CudaWeight, rows: number, turn: 0 | 1): { readonly pointer: number; readonly count: number }
}

/**
 * Joins operations that follow each other, where the result between them is needed by nobody else: the same function,
 * with fewer launches and fewer trips through memory. What a decoder names stays free of such thoughts.
 */
export function fuse(program: readonly Node[], rules: FusionRules): readonly Node[] {
  return fuseNorms(fusePairs(rules.everyRow ? withoutGather(program) : program, rules), rules)
}

/** Of a step that wants every row in order, the gathered rows are the rows. */
function withoutGather(program: readonly Node[]): readonly Node[] {
  const same = new Map<CudaTensor, CudaTensor>()
  const nodes: Node[] = []
  for (const node of program) {
    if (node.kind === 'gather' && isForProjections(node, program)) same.set(node.out, node.x)
    else nodes.push(node.kind === 'linear' && same.has(node.x) ? { ...node, x: same.get(node.x)! } : node)
  }
  return nodes
}

/** What others read, or what is the program's result, has to be there. */
function isForProjections({ out }: GatherNode, program: readonly Node[]): boolean {
  const readers = program.filter(node => readsOf(node).includes(out))
  return readers.length > 0 && readers.every(({ kind }) => kind === 'linear')
}

/** Projection and rotation, projection and activation. */
function fusePairs(program: readonly Node[], rules: FusionRules): readonly Node[] {
  const nodes: Node[] = []
  for (let i = 0; i < program.length; i++) {
    const node = program[i]!
    const next = program[i + 1]
    const fused = node.kind === 'linear' && next !== undefined ? pair(node, next, program, i + 1, rules) : undefined
    nodes.push(fused ?? node)
    if (fused !== undefined) i++
  }
  return nodes
}

function pair(
  linear: LinearNode,
  next: Node,
  program: readonly Node[],
  at: number,
  rules: FusionRules,
): LinearNode | undefined {
  const { weight, rows } = linear
  if (next.kind === 'rope' && isPlainRope(next, linear) && rules.fuses(weight, rows, 'rope')) {
    const { kv, heads, rope } = next
    return { ...linear, output: { kind: 'rope', kv, heads, rope } }
  }
  if (next.kind === 'gated' && isGateOf(next, linear) && rules.fuses(weight, rows, 'gated')) {
    if (isReadAfter(program, at, linear.out)) return undefined
    return { ...linear, out: next.out, output: { kind: 'gated', activation: next.activation } }
  }
  return undefined
}

function isPlainRope(rope: RopeNode, { out }: LinearNode): boolean {
  return rope.qkv === out && rope.qkNorm === undefined
}

function isGateOf(gated: GatedNode, { out, rows }: LinearNode): boolean {
  return gated.gateUp === out && gated.rows === rows
}

/** Projection, residual and, where all who read it can finish it, the next norm. */
function fuseNorms(program: readonly Node[], rules: FusionRules): readonly Node[] {
  const nodes: Node[] = [...program]
  let turn: 0 | 1 = 0
  for (let i = 0; i + 1 < nodes.length; i++) {
    const [linear, sum] = [nodes[i]!, nodes[i + 1]!]
    if (linear.kind !== 'linear' || linear.output !== undefined) continue
    if (sum.kind !== 'addNorm' || sum.x !== linear.out || sum.rows !== linear.rows) continue
    if (isReadAfter(nodes, i + 1, linear.out)) continue
    const readers = rules.fuses(linear.weight, linear.rows, 'residual-norm') ? finishers(nodes, i + 1, sum, rules) : []
    if (readers.length > 0) {
      const { pointer, count } = rules.partials(linear.weight, linear.rows, turn)
      const { weight, options, residual, out } = sum
      const next = { weight, offset: options.offset, partials: pointer }
      nodes.splice(i, 2, { ...linear, out, output: { kind: 'residual', residual, next } })
      for (const at of readers) {
        const reader = nodes[at - 1] as LinearNode
        nodes[at - 1] = { ...reader, input: { partials: pointer, count, epsilon: options.epsilon } }
      }
      turn = turn === 0 ? 1 : 0
    } else if (rules.fuses(linear.weight, linear.rows, 'residual')) {
      const { residual, out, weight, rows, options } = sum
      nodes.splice(
        i,
        2,
        { ...linear, output: { kind: 'residual', residual } },
        { kind: 'norm', out, x: residual, weight, rows, options },
      )
    }
  }
  return nodes
}

/** Indices of those who read what `sum` gives; none where one of them cannot finish the norm itself. */
function finishers(nodes: readonly Node[], at: number, sum: AddNormNode, rules: FusionRules): readonly number[] {
  const found: number[] = []
  for (let i = at + 1; i < nodes.length; i++) {
    const node = nodes[i]!
    if (readsOf(node).includes(sum.out)) {
      if (node.kind !== 'linear' || node.input !== undefined || !rules.defersNorm(node.weight, node.rows)) return []
      found.push(i)
    }
    if (overwrites(node, sum.out)) break
  }
  return found
}

/** Whether somebody after `at` reads `tensor` before it is written anew. */
function isReadAfter(nodes: readonly Node[], at: number, tensor: CudaTensor): boolean {
  for (let i = at + 1; i < nodes.length; i++) {
    if (readsOf(nodes[i]!).includes(tensor)) return true
    if (overwrites(nodes[i]!, tensor)) return false
  }
  return false
}
