import type { Activation, AttentionOptions, HeadShape, NormOptions } from '../../device.ts'
import type { CudaTensor, CudaWeight } from '../tensor.ts'

/** What a program names, as data: one node an operation of the contract, before and after fusion. */
export type Node =
  | EmbedNode
  | NormNode
  | AddNormNode
  | AddNode
  | LinearNode
  | RopeNode
  | AttentionNode
  | GatedNode
  | GatherNode

export interface EmbedNode {
  readonly kind: 'embed'
  readonly out: CudaTensor
  readonly table: CudaWeight
  readonly scale: number
}

export interface NormNode {
  readonly kind: 'norm'
  readonly out: CudaTensor
  readonly x: CudaTensor
  readonly weight: CudaTensor
  readonly rows: number
  readonly options: NormOptions
}

export interface AddNormNode {
  readonly kind: 'addNorm'
  readonly out: CudaTensor
  readonly residual: CudaTensor
  readonly x: CudaTensor
  readonly weight: CudaTensor
  readonly rows: number
  readonly options: NormOptions
}

export interface AddNode {
  readonly kind: 'add'
  readonly residual: CudaTensor
  readonly x: CudaTensor
  readonly rows: number
}

export interface LinearNode {
  readonly kind: 'linear'
  readonly out: CudaTensor
  readonly x: CudaTensor
  readonly weight: CudaWeight
  readonly rows: number
  readonly bias: CudaTensor | undefined
  /** `x` is not divided by its root mean square yet; whoever made it left sums of its squares. */
  readonly input?: DeferredNorm | undefined
  /** What is done with the product where it does not just go to `out`. */
  readonly output?: LinearOutput | undefined
}

export interface DeferredNorm {
  /** Address of `count` partial sums of squares of each row, f32. */
  readonly partials: number
  readonly count: number
  readonly epsilon: number
}

export type LinearOutput = ResidualOutput | GatedOutput | RopeOutput

/** `residual += product`; with `next`, `out` gets the residual times the next norm's weight, not yet divided. */
export interface ResidualOutput {
  readonly kind: 'residual'
  readonly residual: CudaTensor
  readonly next?: { readonly weight: CudaTensor; readonly offset: 0 | 1; readonly partials: number } | undefined
}

/** `out = f(gate) · up` of the product's two halves. */
export interface GatedOutput {
  readonly kind: 'gated'
  readonly activation: Activation
}

/** The product is q, k and v: rotated, q to `out`, k and v to the cache. */
export interface RopeOutput {
  readonly kind: 'rope'
  readonly kv: CudaKvLayer
  readonly heads: HeadShape
  readonly rope: CudaRopeTables
}

export interface RopeNode {
  readonly kind: 'rope'
  readonly qkv: CudaTensor
  readonly kv: CudaKvLayer
  readonly heads: HeadShape
  readonly rope: CudaRopeTables
  readonly qkNorm: CudaQkNorm | undefined
}

export interface AttentionNode {
  readonly kind: 'attention'
  readonly out: CudaTensor
  readonly qkv: CudaTensor
  readonly kv: CudaKvLayer
  readonly heads: HeadShape
  readonly options: AttentionOptions
}

export interface GatedNode {
  readonly kind: 'gated'
  readonly out: CudaTensor
  readonly gateUp: CudaTensor
  readonly rows: number
  readonly activation: Activation
}

export interface GatherNode {
  readonly kind: 'gather'
  readonly out: CudaTensor
  readonly x: CudaTensor
}

export interface CudaKvLayer {
  readonly k: CudaTensor
  readonly v: CudaTensor
}

export interface CudaRopeTables {
  readonly cos: CudaTensor
  readonly sin: CudaTensor
}

export interface CudaQkNorm extends NormOptions {
  readonly q: CudaTensor
  readonly k: CudaTensor
}

/** What a node reads from activations. */
export function readsOf(node: Node): readonly CudaTensor[] {
  switch (node.kind) {
    case 'embed':
      return []
    case 'norm':
    case 'gather':
      return [node.x]
    case 'linear':
      return node.output?.kind === 'residual' ? [node.x, node.output.residual] : [node.x]
    case 'addNorm':
    case 'add':
      return [node.residual, node.x]
    case 'rope':
    case 'attention':
      return [node.qkv]
    case 'gated':
      return [node.gateUp]
  }
}

/** Whether the node writes all of `tensor` that later nodes may read. */
export function overwrites(node: Node, tensor: CudaTensor): boolean {
  return 'out' in node && node.out === tensor
}
