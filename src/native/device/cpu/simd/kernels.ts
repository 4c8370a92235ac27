import { readFileSync } from 'node:fs'
import { ModelLoadError } from '../../../../engine/index.ts'
import { Instance, Module, type SharedMemory, type WasmModule } from './webassembly.ts'

type Address = number

/** What `kernels/simd/` exports; shapes and units are described there. */
export interface Kernels {
  work(index: number): void
  add(residual: Address, x: Address, count: number): void
  embed(
    out: Address,
    table: Address,
    scales: Address,
    tokens: Address,
    count: number,
    width: number,
    stride: number,
    storage: number,
    scale: number,
  ): void
  norm(
    out: Address,
    x: Address,
    added: Address,
    weight: Address,
    rows: number,
    width: number,
    epsilon: number,
    offset: number,
  ): void
  linear(
    out: Address,
    x: Address,
    weight: Address,
    bias: Address,
    rows: number,
    width: number,
    inner: number,
    bf16: number,
  ): void
  linearInt8(
    out: Address,
    x: Address,
    weight: Address,
    scales: Address,
    bias: Address,
    q: Address,
    qScales: Address,
    rows: number,
    width: number,
    inner: number,
  ): void
  ropeAndCache(
    qkv: Address,
    k: Address,
    v: Address,
    cos: Address,
    sin: Address,
    positions: Address,
    slots: Address,
    count: number,
    heads: number,
    kvHeads: number,
    headDim: number,
    bf16: number,
    qNorm: Address,
    kNorm: Address,
    epsilon: number,
    offset: number,
  ): void
  attention(
    out: Address,
    qkv: Address,
    k: Address,
    v: Address,
    positions: Address,
    sequences: Address,
    tables: Address,
    maxBlocks: number,
    count: number,
    heads: number,
    kvHeads: number,
    headDim: number,
    scale: number,
    window: number,
    bf16: number,
    scores: Address,
    work: number,
  ): void
  storeWeight(to: Address, scales: Address, from: Address, rows: number, inner: number): void
  gatedActivation(out: Address, gateUp: Address, rows: number, width: number, activation: number): void
}

/** The same from `src/` and from `dist/`. */
const FILE = new URL('../../../../../dist/simd.wasm', import.meta.url)

/** @throws ModelLoadError when the kernels were not built. */
export function loadKernels(): WasmModule {
  try {
    return new Module(readFileSync(FILE))
  } catch (cause) {
    throw new ModelLoadError('the CPU kernels (dist/simd.wasm) are missing or damaged: run npm run build', { cause })
  }
}

export function instantiate(module: WasmModule, memory: SharedMemory): Kernels {
  return new Instance(module, { env: { memory } }).exports as Kernels
}
