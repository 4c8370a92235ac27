import type { RowSampling, SampledRow } from '../sampling/row.ts'

/**
 * The operations that a decoder needs, over memory that only the device can see into.
 *
 * Life of a device: `allocate` everything at load, `upload` the weights, `seal`; then, for every step, `run` with the
 * step's inputs and what the model does with them; or, for its logits alone, `begin` and the operations one by one.
 * Nothing is allocated while serving. Shapes are written `[rows, columns]`, row-major; an activation tensor is
 * allocated for the largest step and an operation works on its first `rows` rows. Activations are of
 * {@link activationType}; residuals, logits, biases, norm weights and rope tables are f32.
 *
 * Every row of every result depends on that row's inputs alone. On a device that is {@link batchInvariant} it is also
 * accumulated in one fixed order, so a token's logits are the same bits whatever else is in the step.
 */
export interface Device extends AsyncDisposable {
  /** e.g. `cpu`, `cpu-reference` or `cuda`. */
  readonly name: string
  /** What the operations' `x`, `out`, `qkv`, `gateUp` are, where nothing else is said. Sums are always in f32. */
  readonly activationType: ActivationType
  /** What tensors, caches and weights may be. */
  readonly types: ReadonlySet<ElementType | WeightStorage>
  /** Whether a row's bits are the same whatever else is in the step. */
  readonly batchInvariant: boolean
  /** Steps that may be enqueued before the first one's rows are taken: 1, or 2 where the device computes beside the host. */
  readonly depth: 1 | 2

  /** @throws ModelLoadError when the memory cannot be had; RangeError once sealed. */
  allocate(shape: readonly number[], type: ElementType, purpose: MemoryPurpose): Tensor
  /** Copies values into `tensor` from element `offset` on, converting from float to the tensor's type (`f32`, `bf16`). */
  upload(tensor: Tensor, values: Float32Array | Int32Array, offset?: number): void
  /** Copies the first `elements` values out, as floats. Not for the hot path. */
  download(tensor: Tensor, elements?: number): Float32Array

  /** A matrix `[out, in]` for {@link linear} and {@link embed}. */
  allocateWeight(out: number, inner: number, storage: WeightStorage): Weight
  /** Rows `[firstRow, …)` of `weight`, rounded or quantised to its storage. `values.length` is a multiple of `inner`. */
  uploadWeight(weight: Weight, firstRow: number, values: Float32Array): void

  /**
   * Makes values where they lie, as an upload would have left them: element `first + i`, i < `count`, becomes value `i`
   * of {@link randomValues} for `key` and `scale`. Whole rows of a weight; a tensor of floats.
   */
  uploadRandom(to: Weight | Tensor, first: number, count: number, key: number, scale: number): void

  /** No allocation after this. Idempotent: says what is taken by now. */
  seal(): MemoryBudget

  /**
   * Takes, compiles and records whatever steps of these sizes will need, with `program` as what they compute. Between
   * the last `allocateWeight` and `seal`; a step beyond the limits may then be refused.
   */
  prepare(program: StepProgram, limits: StepLimits): Promise<void>

  /**
   * Enqueues one step: `program` on `step`, then `sample` of the logits that it gives, one row of `rows` for each of the
   * step's `logitRows`. Returns at once where the device computes beside the host; see {@link depth}.
   *
   * `program` is given sizes that may exceed the step's, rows beyond it being computed and never looked at; a device
   * may record what it names once for each size, and replay it.
   *
   * @throws DeviceLostError when the device can compute nothing any more.
   */
  run(step: StepInputs, rows: readonly RowSampling[], program: StepProgram): PendingRows

  /** Makes `inputs` the current step of the operations below. */
  begin(inputs: StepInputs): void

  /** `out[t] = table[tokens[t]] · scale` for every token of the step. */
  embed(out: Tensor, table: Weight, scale: number): void

  /** `out = x / rms(x) · (weight + offset)`, each of `rows` rows of `weight.shape[0]` columns; `out` may be `x`. */
  norm(out: Tensor, x: Tensor, weight: Tensor, rows: number, options: NormOptions): void
  /** `residual += x`, then `out = norm(residual)`; `out` is neither of them. */
  addNorm(out: Tensor, residual: Tensor, x: Tensor, weight: Tensor, rows: number, options: NormOptions): void
  /** `residual += x`. */
  add(residual: Tensor, x: Tensor, rows: number): void

  /** `out[r, n] = Σ_k x[r, k] · weight[n, k] (+ bias[n])`. */
  linear(out: Tensor, x: Tensor, weight: Weight, rows: number, bias?: Tensor): void

  /**
   * For every token of the step, with `qkv[t] = [q heads | k heads | v heads]`: normalises each q and k head where
   * norms are given, rotates q and k by the token's position (pairs `(i, i + headDim/2)`), leaves q in `qkv`, and
   * writes k and v into the token's slot of `kv`.
   */
  ropeAndCache(qkv: Tensor, kv: KvLayer, heads: HeadShape, rope: RopeTables, qkNorm?: QkNorm): void

  /**
   * Causal attention of the step's queries (in `qkv`) over each sequence's cached keys and values:
   * a query at position p sees positions `max(0, p − window + 1) … p`.
   */
  attention(out: Tensor, qkv: Tensor, kv: KvLayer, heads: HeadShape, options: AttentionOptions): void

  /** `out[r, i] = f(gateUp[r, i]) · gateUp[r, width + i]` with `gateUp` `[rows, 2·width]`. */
  gatedActivation(out: Tensor, gateUp: Tensor, rows: number, activation: Activation): void

  /** `out[i] = x[logitRows[i]]`: the rows of the step whose logits are wanted. */
  gather(out: Tensor, x: Tensor): void

  /** One token for each row of `logits` `[rows, vocab]`. */
  sample(logits: Tensor, rows: readonly RowSampling[]): Promise<readonly SampledRow[]>
}

/** What a model does with a step: names the operations from `embed` to the logits `[logitRows, vocab]`. */
export type StepProgram = (tokens: number, logitRows: number) => Tensor

/** The largest step. */
export interface StepLimits {
  /** Tokens in one step. */
  readonly tokens: number
  readonly sequences: number
  readonly logitRows: number
  /** Positions of one sequence. */
  readonly contextLength: number
}

/** A step that is enqueued. */
export interface PendingRows {
  /** What it drew, one for each row that it was given; waits until the step is over. @throws DeviceLostError */
  take(): Promise<readonly SampledRow[]>
}

export type ActivationType = 'f32' | 'bf16' | 'f16'
/** `fp8`: E4M3, without a scale. */
export type ElementType = 'f32' | 'bf16' | 'f16' | 'fp8' | 'i32'
/**
 * `int8`: one scale for each output row, `w = q · scale[n]`, q in −127…127. `fp8`: E4M3 with one scale for each output
 * row, `scale[n]` = the row's largest magnitude / 448.
 */
export type WeightStorage = 'f32' | 'bf16' | 'f16' | 'int8' | 'fp8'
export type MemoryPurpose = 'weights' | 'kv-cache' | 'activations' | 'workspace'
export type Activation = 'silu' | 'gelu-tanh'

export interface Tensor {
  readonly shape: readonly number[]
  readonly type: ElementType
}

export interface Weight {
  /** `[out, in]` */
  readonly shape: readonly [number, number]
  readonly storage: WeightStorage
}

/** Bytes taken, by purpose. */
export type MemoryBudget = Readonly<Record<MemoryPurpose, number>>

export interface NormOptions {
  readonly epsilon: number
  /** 1 where the checkpoint stores `weight − 1` (Gemma), else 0. */
  readonly offset: 0 | 1
}

export interface HeadShape {
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
}

/** One layer's cache: `[blocks, BLOCK_SIZE, kvHeads, headDim]` each. */
export interface KvLayer {
  readonly k: Tensor
  readonly v: Tensor
}

/** `[positions, headDim/2]` each, any attention factor included. */
export interface RopeTables {
  readonly cos: Tensor
  readonly sin: Tensor
}

/** Weights `[headDim]` of the norm over each head. */
export interface QkNorm extends NormOptions {
  readonly q: Tensor
  readonly k: Tensor
}

export interface AttentionOptions {
  readonly scale: number
  /** How many positions a query sees, itself included; undefined: all before it. */
  readonly window: number | undefined
}

/** Positions per KV block. */
export const BLOCK_SIZE = 16

/** What one step computes: T tokens of S sequences, sequence after sequence, positions ascending within each. */
export interface StepInputs {
  /** `[T]`; a negative one is not known to the host yet: `−1 − r` is what row `r` of the step before drew. */
  readonly tokens: Int32Array
  /** `[T]` */
  readonly positions: Int32Array
  /** `[T]`: block · BLOCK_SIZE + offset, where the token's key and value go. */
  readonly slots: Int32Array
  /** `[S + 1]`: sequence s owns tokens `queryStarts[s] … queryStarts[s+1] − 1`. */
  readonly queryStarts: Int32Array
  /** `[S]`: cached positions after this step's tokens are written. */
  readonly contextLengths: Int32Array
  /** `[S, maxBlocks]`: block ids in order of position; the rest of a row is unused. */
  readonly blockTables: Int32Array
  readonly maxBlocks: number
  /** `[L]`: indices into the T tokens. */
  readonly logitRows: Int32Array
}
