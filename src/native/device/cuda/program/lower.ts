import { attention, usesTiles } from '../operations/attention.ts'
import { embed } from '../operations/embed.ts'
import { gatedActivation } from '../operations/gated-activation.ts'
import { gather } from '../operations/gather.ts'
import { linear } from '../operations/linear.ts'
import { add, addNorm, norm } from '../operations/norm.ts'
import type { DeviceOperation } from '../operations/operation.ts'
import { ropeAndCache } from '../operations/rope-cache.ts'
import type { StepShape } from '../step/step-room.ts'
import type { Tools } from '../tools.ts'
import type { AttentionNode, Node } from './nodes.ts'

/**
 * The launches that a node comes to, in a step of this shape. `spare`: rows behind those that count may be written, as
 * nobody looks at them inside a step.
 */
export function lower(node: Node, tools: Tools, shape: StepShape, spare: boolean): readonly DeviceOperation[] {
  switch (node.kind) {
    case 'embed':
      return [embed(tools, { ...node, tokens: shape.tokens })]
    case 'norm':
      return [norm(tools, node)]
    case 'addNorm':
      return [addNorm(tools, node)]
    case 'add':
      return [add(tools, node)]
    case 'linear':
      return linear(tools, { ...node, spare })
    case 'rope':
      return [ropeAndCache(tools, { ...node, tokens: shape.tokens })]
    case 'attention':
      return lowerAttention(node, tools, shape)
    case 'gated':
      return [gatedActivation(tools, node)]
    case 'gather':
      return [gather(tools, { ...node, rows: shape.logitRows })]
  }
}

/** Sequences of several queries by tiles, where there is a kernel for them; else every token by itself. */
export function lowerAttention(node: AttentionNode, tools: Tools, shape: StepShape): readonly DeviceOperation[] {
  const { out, qkv, kv, heads, options } = node
  const { seen } = shape
  const { scale, window } = options
  if (shape.tiles === 0 || usesTiles(tools, heads, kv.k.type)) {
    const singles = { count: shape.singles, maxContext: shape.singlesContext, positions: seen?.singles }
    return attention(tools, { out, qkv, kv, heads, scale, window, singles, tiles: { count: shape.tiles, seen } })
  }
  const every = { ...tools, step: { ...tools.step, singles: tools.step.everyToken } }
  const positions = seen && seen.singles + seen.tiles
  const singles = { count: shape.tokens, maxContext: shape.context, positions }
  return attention(every, { out, qkv, kv, heads, scale, window, singles, tiles: { count: 0 } })
}
