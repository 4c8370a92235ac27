/**
 * Which tiling of attention's kernels is fastest at which shape, on the card at hand:
 *
 *   npx tsx benchmarks/cuda/sweep-attention.ts [--only prefill,decode,chain] [--json FILE] [--small] [--seconds 80]
 *
 * Each figure is a graph over several layers' caches, more than any cache holds; the chain is that of one token between
 * its two projections, over as many weights. The first variant is the reference for what the others compute.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CudaError } from '../../src/cuda/index.ts'
import { openParts } from '../../src/native/device/cuda/create-cuda-device.ts'
import { CudaDevice } from '../../src/native/device/cuda/device.ts'
import { attentionDecode, type DecodeTiling } from '../../src/native/device/cuda/operations/attention-decode.ts'
import {
  attentionPrefill,
  type HopperTiling,
  type WarpTiling,
} from '../../src/native/device/cuda/operations/attention-prefill.ts'
import type { AttentionRequest } from '../../src/native/device/cuda/operations/attention-request.ts'
import { gemv } from '../../src/native/device/cuda/operations/linear-gemv.ts'
import type { DeviceOperation } from '../../src/native/device/cuda/operations/operation.ts'
import { QUERY_TILE } from '../../src/native/device/cuda/step/step-room.ts'
import { CudaTensor, CudaWeight } from '../../src/native/device/cuda/tensor.ts'
import type { Tools } from '../../src/native/device/cuda/tools.ts'
import { BLOCK_SIZE, type HeadShape } from '../../src/native/device/device.ts'
import { replayMicroseconds } from './sweep/replay.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'prefill,chain,decode' },
    json: { type: 'string' },
    /** Shapes that an emulated card gets through. */
    small: { type: 'boolean', default: false },
    /** Time nothing more after so long. */
    seconds: { type: 'string', default: '80' },
    /** Compile share I of N and time nothing: for many processes at once, before the one that times. */
    compile: { type: 'string' },
  },
})
const only = new Set(values.only.split(','))
const { small } = values
const compiles = values.compile !== undefined
const [share = 0, shares = 1] = (values.compile ?? '').split('/').map(Number)
const deadline = Date.now() + Number(values.seconds) * 1000
/** Of the card: bytes and operations a second, in billions. */
const PEAK = { bytes: 4665, flops: 780_000 }

const MHA: HeadShape = { heads: 32, kvHeads: 32, headDim: 128 }
const GQA: HeadShape = { heads: 32, kvHeads: 8, headDim: 128 }
const MHA_64: HeadShape = { heads: 32, kvHeads: 32, headDim: 64 }
const MHA_96: HeadShape = { heads: 32, kvHeads: 32, headDim: 96 }
const MQA_256: HeadShape = { heads: 8, kvHeads: 1, headDim: 256 }

const parts = openParts({ gpuMemory: '80%', ...(small ? { cacheDirectory: '/tmp/warpline-sweep' } : {}) })
const { stream, context } = parts
const device = new CudaDevice(parts)
const room = device.allocate([compiles ? 256 : small ? 2 ** 22 : 3 * 2 ** 30], 'bf16', 'kv-cache') as CudaTensor
const active = device.allocate([compiles ? 256 : small ? 2 ** 20 : 2 ** 27], 'bf16', 'activations') as CudaTensor
const result = device.allocate([active.elements], 'bf16', 'activations') as CudaTensor
if (!compiles) {
  device.uploadRandom(room, 0, room.elements, 1, 1 / 2 ** 31)
  device.uploadRandom(active, 0, active.elements, 2, 1 / 2 ** 31)
}

interface Result {
  readonly name: string
  readonly variant: string
  readonly microseconds: number
  readonly rate: number
  readonly peak: number
  readonly difference: number
}
const results: Result[] = []
let variantsSeen = 0

const time = (operations: readonly DeviceOperation[]) => replayMicroseconds(context, stream, operations)

/** Sequences with so many queries, the last of `context` positions each, and the layers' caches that they see. */
function prepare(shape: HeadShape, sequences: number, context_: number, queries: number) {
  const { heads, kvHeads, headDim } = shape
  const maxBlocks = Math.ceil(context_ / BLOCK_SIZE)
  const blocks = sequences * maxBlocks
  const layerElements = 2 * blocks * BLOCK_SIZE * kvHeads * headDim
  const layers = compiles ? 1 : Math.min(Math.floor(room.elements / layerElements), small ? 2 : 32)
  const tokens = sequences * queries
  const order = shuffled(blocks)
  const ints = (from: ArrayLike<number>) => {
    const data = Int32Array.from(from)
    const { pointer } = context.allocate(data.byteLength)
    stream.copyToDevice(pointer, data)
    stream.synchronize()
    return pointer
  }
  const each = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i))
  const perSequence = Math.ceil(queries / QUERY_TILE)
  const tiles = each(sequences * perSequence, i => {
    const [s, from] = [Math.floor(i / perSequence), (i % perSequence) * QUERY_TILE]
    return [s * queries + from, Math.min(QUERY_TILE, queries - from), s, 0]
  })
  const step = {
    ...parts.rooms.anyFor(1).memory,
    singles: ints(each(tokens, i => i)),
    positions: ints(each(tokens, i => context_ - queries + (i % queries))),
    sequences: ints(each(tokens, i => Math.floor(i / queries))),
    tiles: ints(tiles.flat()),
    blockTables: ints(order),
    maxBlocks,
  }
  const cacheShape = [blocks, BLOCK_SIZE, kvHeads, headDim]
  const requests = each(layers, layer => {
    const at = room.pointer + layer * layerElements * 2
    return {
      out: new CudaTensor(device, [tokens, heads * headDim], 'bf16', 'activations', result.pointer),
      qkv: new CudaTensor(device, [tokens, (heads + 2 * kvHeads) * headDim], 'bf16', 'activations', active.pointer),
      kv: {
        k: new CudaTensor(device, cacheShape, 'bf16', 'kv-cache', at),
        v: new CudaTensor(device, cacheShape, 'bf16', 'kv-cache', at + layerElements),
      },
      heads: shape,
      scale: 3 / Math.sqrt(headDim),
      window: undefined,
    } as unknown as AttentionRequest
  })
  const tools: Tools = { ...parts.toolbox, step }
  return {
    tools,
    requests,
    tiles: tiles.length,
    fits: compiles || (layers > 0 && tokens * heads * headDim <= result.elements / 4),
  }
}

function shuffled(count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i)
  let state = 1
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const j = state % (i + 1)
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  return order
}

/** What `operations` leave in the result, of some rows at its beginning and its end. */
function computed(operations: readonly DeviceOperation[], elements: number): Float32Array {
  stream.fill(result.pointer, 0xff, elements * 2)
  for (const operation of operations) operation.enqueue(stream)
  const seen = Math.min(elements, 2 ** 16)
  const halves = new Uint16Array(2 * seen)
  stream.copyToHost(halves.subarray(0, seen), result.pointer)
  stream.copyToHost(halves.subarray(seen), result.pointer + (elements - seen) * 2)
  stream.synchronize()
  return new Float32Array(Uint32Array.from(halves, bits => bits << 16).buffer)
}

/** ‖a − b‖ / ‖b‖. */
function difference(a: Float32Array, b: Float32Array): number {
  let apart = 0
  let whole = 0
  for (let i = 0; i < a.length; i++) {
    apart += (a[i]! - b[i]!) ** 2
    whole += b[i]! ** 2
  }
  return Math.sqrt(apart / whole)
}

interface Sweep<V> {
  readonly name: string
  readonly variants: readonly V[]
  readonly prepared: ReturnType<typeof prepare>
  readonly operations: (request: AttentionRequest, tiling: V, layer: number) => readonly DeviceOperation[]
  readonly elements: number
  /** Of one layer. */
  readonly bytes?: number
  readonly flops?: number
  /** Microseconds of a layer that are not attention's. */
  readonly beside?: number
}

function sweep<V extends object>(of: Sweep<V>): void {
  const { name, variants, prepared, operations, elements, bytes = 0, flops = 0, beside = 0 } = of
  if (!prepared.fits && !compiles) return
  const found: Result[] = []
  let reference: Float32Array | undefined
  for (const tiling of variants) {
    if (compiles && variantsSeen++ % shares !== share) continue
    if (Date.now() > deadline && !compiles) return
    const variant = Object.entries(tiling)
      .map(([key, value]) => `${key} ${value}`)
      .join(' ')
    try {
      const all = prepared.requests.flatMap((request, layer) => operations(request, tiling, layer))
      if (compiles) continue
      const values_ = computed(operations(prepared.requests[0]!, tiling, 0), elements)
      reference ??= values_
      const apart = difference(values_, reference)
      const microseconds = time(all) / prepared.requests.length - beside
      const rate = (flops > 0 ? flops : bytes) / microseconds / 1000
      const peak = rate / (flops > 0 ? PEAK.flops : PEAK.bytes)
      found.push({ name, variant, microseconds, rate, peak, difference: apart })
    } catch (error) {
      console.log(`${name} ${variant}: ${error}`)
      // The card is lost to this process.
      if (error instanceof CudaError && error.fatal) {
        show(of, found)
        throw error
      }
    }
  }
  show(of, found)
}

/** The best of what was found, and the first. */
function show({ name, flops = 0 }: { readonly name: string; readonly flops?: number }, found: Result[]): void {
  results.push(...found)
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results))
  const current = found[0]
  found.sort((a, b) => a.microseconds - b.microseconds)
  for (const each of found.slice(0, 6).concat(current === undefined || found.indexOf(current) < 6 ? [] : [current])) {
    const rate = flops > 0 ? `${(each.rate / 1000).toFixed(0)} TFLOP/s` : `${each.rate.toFixed(0)} GB/s`
    const mark = each === current ? '*' : ' '
    const wrong = each.difference < 0.01 ? '' : `  WRONG ${each.difference}`
    console.log(
      `${name} ${mark} ${each.variant.padEnd(40)} ${each.microseconds.toFixed(2)} µs  ${rate} ${(each.peak * 100).toFixed(0)} %${wrong}`,
    )
  }
  const wrong = found.filter(each => !(each.difference < 0.01))
  if (wrong.length > 0) console.log(`${name} WRONG: ${wrong.map(each => each.variant).join('; ')}`)
}

function nameOf({ heads, kvHeads, headDim }: HeadShape): string {
  return `${heads}/${kvHeads}·${headDim}`
}

function decodeVariants({ heads, kvHeads, headDim }: HeadShape, launches: readonly (0 | 1)[]): DecodeTiling[] {
  const wide = (heads / kvHeads) * headDim
  const shares = [
    { portions: 16, warps: 16 },
    { portions: 16, warps: 8 },
    { portions: 16, warps: 4 },
    { portions: 8, warps: 8 },
    { portions: 8, warps: 4 },
    { portions: 4, warps: 4 },
  ].filter(({ portions }) => portions * wide <= 2 ** 13 + 2 ** 11)
  return shares.flatMap(share => [512, 256].flatMap(split => launches.map(launch => ({ split, ...share, launch }))))
}

if (only.has('prefill')) {
  const lengths = small
    ? [[1, 200]]
    : [
        [1, 2048],
        [1, 512],
        [1, 8192],
        [16, 512],
        [64, 100],
      ]
  for (const shape of [MHA, GQA, MHA_64, MQA_256, MHA_96].map(each =>
    small ? { ...each, heads: 2, kvHeads: 1 } : each,
  )) {
    const wide = shape.headDim > 128
    const resident = wide ? 2 : shape.headDim > 64 ? 3 : 4
    const warps: WarpTiling[] = wide
      ? [
          { queries: 64, tall: 1, keyTile: 32, resident },
          { queries: 128, tall: 1, keyTile: 32, resident: 1 },
        ]
      : [
          { queries: 64, tall: 1, keyTile: 64, resident },
          { queries: 128, tall: 1, keyTile: 64, resident: 1 },
          { queries: 128, tall: 2, keyTile: 64, resident: 2 },
          { queries: 128, tall: 2, keyTile: 32, resident: 2 },
          { queries: 64, tall: 2, keyTile: 64, resident: 3 },
        ]
    const hopper: HopperTiling[] =
      shape.headDim % 64 !== 0
        ? []
        : wide
          ? [
              { groups: 2, keyTile: 64, stages: 2, beside: 1, resident: 1 },
              { groups: 2, keyTile: 64, stages: 2, beside: 0, resident: 1 },
            ]
          : shape.headDim === 128
            ? [
                { groups: 1, keyTile: 64, stages: 2, beside: 1, resident: 2 },
                { groups: 1, keyTile: 64, stages: 3, beside: 1, resident: 2 },
                { groups: 1, keyTile: 64, stages: 2, beside: 0, resident: 2 },
                { groups: 2, keyTile: 64, stages: 2, beside: 1, resident: 1 },
                { groups: 2, keyTile: 128, stages: 2, beside: 1, resident: 1 },
                { groups: 2, keyTile: 128, stages: 2, beside: 0, resident: 1 },
              ]
            : [
                { groups: 2, keyTile: 64, stages: 2, beside: 1, resident: 2 },
                { groups: 1, keyTile: 64, stages: 2, beside: 1, resident: 4 },
                { groups: 1, keyTile: 64, stages: 2, beside: 0, resident: 4 },
                { groups: 1, keyTile: 128, stages: 2, beside: 1, resident: 3 },
                { groups: 2, keyTile: 128, stages: 2, beside: 1, resident: 1 },
                { groups: 2, keyTile: 64, stages: 3, beside: 1, resident: 2 },
              ]
    for (const [sequences, length] of lengths as [number, number][]) {
      const { heads, headDim } = shape
      const prepared = prepare(shape, sequences, length, length)
      sweep<WarpTiling | HopperTiling>({
        name: `prefill ${nameOf(shape)} ${sequences} × ${length}`,
        variants: [...warps, ...hopper],
        prepared: { ...prepared, requests: prepared.requests.slice(0, 4) },
        operations: (request, tiling) => [attentionPrefill(prepared.tools, request, { count: prepared.tiles }, tiling)],
        elements: sequences * length * heads * headDim,
        flops: 2 * sequences * length * (length + 1) * heads * headDim,
      })
      if (compiles) break
    }
  }
}

if (only.has('chain')) {
  const shape = small ? { heads: 2, kvHeads: 2, headDim: 64 } : MHA
  const width = shape.heads * shape.headDim
  const layers = compiles ? 1 : small ? 2 : 16
  const weights = Array.from({ length: layers }, (_, i) => {
    const make = (rows: number) => {
      const weight = device.allocateWeight(compiles ? 8 : rows, compiles ? 8 : width, 'bf16') as CudaWeight
      return compiles ? new CudaWeight(device, [rows, width], 'bf16', weight.pointer, 0) : weight
    }
    const pair = { qkv: make(3 * width), o: make(width) }
    if (!compiles) {
      for (const each of Object.values(pair)) device.uploadRandom(each, 0, each.shape[0] * width, i, 0.02 / 2 ** 31)
    }
    return pair
  })
  const [x, y] = [1, 2].map(() => device.allocate([1, width], 'bf16', 'activations') as CudaTensor) as [
    CudaTensor,
    CudaTensor,
  ]
  if (!compiles) device.uploadRandom(x, 0, width, 5, 1 / 2 ** 31)
  const variants = decodeVariants(shape, [1, 0])
  for (const length of small ? [100] : [128, 192, 500, 2000, 8000]) {
    const prepared = prepare(shape, 1, length, 1)
    prepared.requests.splice(layers)
    const around = (request: AttentionRequest, layer: number, between: readonly DeviceOperation[]) => {
      const { qkv, o } = weights[layer]!
      const first = gemv(prepared.tools, { out: request.qkv, x, weight: qkv, rows: 1, bias: undefined })
      return [first, ...between, gemv(prepared.tools, { out: y, x: request.out, weight: o, rows: 1, bias: undefined })]
    }
    const bare = prepared.requests.flatMap((request, layer) => around(request, layer, []))
    const beside = compiles ? 0 : time(bare) / prepared.requests.length
    if (!compiles) console.log(`chain ${length}: the projections alone ${beside.toFixed(2)} µs a layer`)
    sweep<DecodeTiling>({
      name: `chain ${nameOf(shape)} ${length}`,
      variants,
      prepared,
      operations: (request, tiling, layer) =>
        around(request, layer, attentionDecode(prepared.tools, request, { count: 1, maxContext: length }, tiling)),
      elements: width,
      bytes: 4 * length * shape.kvHeads * shape.headDim,
      beside,
    })
    if (compiles) break
  }
}

if (only.has('decode')) {
  const lengths = small ? [100] : [512, 2048, 128, 8192]
  const batches = small ? [2] : [256, 32, 8, 1]
  for (const shape of small ? [{ heads: 2, kvHeads: 1, headDim: 64 }] : [MHA, GQA, MQA_256]) {
    const variants = decodeVariants(shape, [0, 1])
    for (const length of lengths) {
      for (const batch of batches) {
        const prepared = prepare(shape, batch, length, 1)
        if (!prepared.fits) continue
        sweep<DecodeTiling>({
          name: `decode ${nameOf(shape)} ${batch} × ${length}`,
          variants,
          prepared,
          operations: (request, tiling) =>
            attentionDecode(prepared.tools, request, { count: batch, maxContext: length }, tiling),
          elements: batch * shape.heads * shape.headDim,
          bytes: 4 * batch * length * shape.kvHeads * shape.headDim,
        })
        if (compiles) break
      }
      if (compiles) break
    }
  }
}
