import { describe, expect, it } from 'vitest'
import { CudaTensor, CudaWeight } from '../tensor.ts'
import { type FusionRules, fuse } from './fusion.ts'
import type { LinearNode, Node } from './nodes.ts'

const owner = {}
let next = 0
const address = () => {
  next += 256
  return next
}
const tensor = () => new CudaTensor(owner, [1, 64], 'bf16', 'activations', address())
const weight = () => new CudaWeight(owner, [64, 64], 'bf16', address(), 0)

const [hidden, residual, branch, qkv, attended, gateUp, activated, gathered, logits] = Array.from({ length: 9 }, tensor)
const options = { epsilon: 1e-5, offset: 0 } as const
const heads = { heads: 1, kvHeads: 1, headDim: 64 }
const [kv, rope] = [
  { k: tensor(), v: tensor() },
  { cos: tensor(), sin: tensor() },
]

const linear = (out: CudaTensor, x: CudaTensor, rows = 1): LinearNode => ({
  kind: 'linear',
  out,
  x,
  weight: weight(),
  rows,
  bias: undefined,
})
const addNorm = (): Node => ({
  kind: 'addNorm',
  out: hidden!,
  residual: residual!,
  x: branch!,
  weight: tensor(),
  rows: 1,
  options,
})
const rotated = (qkNorm = false): Node => ({
  kind: 'rope',
  qkv: qkv!,
  kv,
  heads,
  rope,
  qkNorm: qkNorm ? { ...options, q: tensor(), k: tensor() } : undefined,
})

/** Two layers of a decoder, and its head. */
const decoder = (qkNorm = false): Node[] => [
  { kind: 'embed', out: residual!, table: weight(), scale: 1 },
  { kind: 'norm', out: hidden!, x: residual!, weight: tensor(), rows: 1, options },
  ...[0, 1].flatMap((): Node[] => [
    linear(qkv!, hidden!),
    rotated(qkNorm),
    { kind: 'attention', out: attended!, qkv: qkv!, kv, heads, options: { scale: 1, window: undefined } },
    linear(branch!, attended!),
    addNorm(),
    linear(gateUp!, hidden!),
    { kind: 'gated', out: activated!, gateUp: gateUp!, rows: 1, activation: 'silu' },
    linear(branch!, activated!),
    addNorm(),
  ]),
  { kind: 'gather', out: gathered!, x: hidden! },
  linear(logits!, gathered!),
]

const ALL: FusionRules = {
  everyRow: true,
  fuses: () => true,
  defersNorm: () => true,
  partials: (_, _rows, turn) => ({ pointer: 1000 + turn, count: 4 }),
}

const names = (nodes: readonly Node[]) =>
  nodes.map(node => (node.kind === 'linear' && node.output ? `linear+${node.output.kind}` : node.kind))

describe('a decoder', () => {
  it('is five launches a layer where everything can be joined', () => {
    const layer = ['linear+rope', 'attention', 'linear+residual', 'linear+gated', 'linear+residual']
    expect(names(fuse(decoder(), ALL))).toEqual(['embed', 'norm', ...layer, ...layer, 'linear'])
  })

  it('stays as it is where nothing can', () => {
    const none = { ...ALL, everyRow: false, fuses: () => false }
    const program = decoder()
    expect(fuse(program, none)).toEqual(program)
  })

  it('leaves each norm’s end to all who read it, in rooms that take turns', () => {
    const linears = fuse(decoder(), ALL).filter(node => node.kind === 'linear')
    const input = (pointer: number) => ({ partials: pointer, count: 4, epsilon: 1e-5 })
    expect(linears.map(node => node.input)).toEqual([
      undefined,
      undefined,
      input(1000),
      undefined,
      input(1001),
      undefined,
      input(1000),
      undefined,
      input(1001),
    ])
    expect(linears.at(-1)!.x).toBe(hidden)
  })

  it('joins the residual alone where the norm’s readers cannot end it', () => {
    const fused = names(fuse(decoder(), { ...ALL, defersNorm: () => false }))
    expect(fused.filter(name => name === 'norm')).toHaveLength(5)
    expect(fused.filter(name => name === 'linear+residual')).toHaveLength(4)
  })

  it('keeps a gathering of rows where not every row is wanted, and the norm before it', () => {
    const fused = names(fuse(decoder(), { ...ALL, everyRow: false }))
    expect(fused.slice(-4)).toEqual(['linear+residual', 'norm', 'gather', 'linear'])
  })

  it('rotates by itself where heads are normalised first', () => {
    expect(names(fuse(decoder(true), ALL)).filter(name => name === 'rope')).toHaveLength(2)
  })
})

it('keeps a product that somebody else reads', () => {
  const gated: Node = { kind: 'gated', out: activated!, gateUp: gateUp!, rows: 1, activation: 'silu' }
  const program = [linear(gateUp!, hidden!), gated, linear(logits!, gateUp!)]
  expect(names(fuse(program, ALL))).toEqual(['linear', 'gated', 'linear'])
  const overwritten = [linear(gateUp!, hidden!), gated, linear(gateUp!, activated!), linear(logits!, gateUp!)]
  expect(names(fuse(overwritten, ALL))).toEqual(['linear+gated', 'linear', 'linear'])
})
