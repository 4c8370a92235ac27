import type { CudaContext, ExecutableGraph, Stream } from '../../../cuda/index.ts'
import { inPhase } from '../../phases.ts'
import type { RowSampling, SampledRow } from '../../sampling/row.ts'
import type {
  Activation,
  ActivationType,
  AttentionOptions,
  Device,
  ElementType,
  HeadShape,
  KvLayer,
  MemoryBudget,
  MemoryPurpose,
  NormOptions,
  PendingRows,
  QkNorm,
  RopeTables,
  StepInputs,
  StepLimits,
  StepProgram,
  Tensor,
  Weight,
  WeightStorage,
} from '../device.ts'
import { type Ceilings, measureCeilings } from './ceilings.ts'
import { LossGuard } from './loss-guard.ts'
import type { CudaMemory } from './memory/memory.ts'
import { paddedRows } from './memory/room-bytes.ts'
import type { Uploads } from './memory/uploads.ts'
import type { Workspaces } from './memory/workspaces.ts'
import { LINEAR_ROWS } from './operations/linear.ts'
import type { DeviceOperation } from './operations/operation.ts'
import { placed } from './placed.ts'
import { type ProfileOptions, profileStep, type StepProfile } from './profile-step.ts'
import { lowerProgram, type Toolbox } from './program/lowering.ts'
import type { Node } from './program/nodes.ts'
import { RecentPrograms, type Recording } from './program/recent-programs.ts'
import { everyShape, rehearse } from './program/rehearse.ts'
import { Drawing } from './sampling/drawing.ts'
import { Sampler } from './sampling/sampler.ts'
import { DecodeGraphs } from './step/decode-graphs.ts'
import type { StepRoom, StepShape } from './step/step-room.ts'
import type { StepRooms } from './step/step-rooms.ts'
import { decodeSizes } from './step/step-sizes.ts'
import { CudaTensor, CudaWeight, ELEMENT_BYTES } from './tensor.ts'

/** What the device is made of; `create-cuda-device.ts` puts it together. */
export interface CudaParts {
  readonly name: string
  readonly depth: 1 | 2
  readonly context: CudaContext
  readonly stream: Stream
  readonly memory: CudaMemory
  readonly rooms: StepRooms
  readonly uploads: Uploads
  readonly workspaces: Workspaces
  readonly toolbox: Toolbox
}

/** How the last step came to the card, for those who count. */
export interface StepTrace {
  /** Its launches, those inside of a graph included. */
  readonly operations: readonly DeviceOperation[]
  readonly graph: boolean
}

interface LastStep {
  readonly operations: readonly DeviceOperation[]
  readonly executable: ExecutableGraph | undefined
}

/**
 * The device for NVIDIA GPUs. An operation outside of a step is launched at once. Inside of `run`, what the program
 * names is first written down, then joined where operations can share a kernel, and then launched; or it is found
 * recorded: a decode step of a known size is one graph launch.
 *
 * Everything goes through one stream, so a step sees all that the steps before it have written.
 */
export class CudaDevice implements Device {
  readonly name: string
  readonly depth: 1 | 2
  readonly types: ReadonlySet<ElementType | WeightStorage> = new Set(['f32', 'bf16', 'f16', 'fp8', 'int8', 'i32'])
  readonly activationType: ActivationType
  readonly batchInvariant: boolean
  readonly #guard = new LossGuard()
  readonly #place = placed(this)
  readonly #recent: RecentPrograms
  #drawing: Drawing | undefined
  #graphs: DecodeGraphs | undefined
  /** The step that operations outside of `run` work on, and where its inputs lie. */
  #current: { readonly shape: StepShape; readonly room: StepRoom } | undefined
  /** Where operations go while a program is written down. */
  #recording: Node[] | undefined
  #last: LastStep = { operations: [], executable: undefined }

  constructor(private readonly parts: CudaParts) {
    this.name = parts.name
    this.depth = parts.depth
    this.#recent = new RecentPrograms(parts.toolbox)
    this.activationType = parts.toolbox.activationType
    this.batchInvariant = parts.toolbox.batchInvariant
  }

  /** Bytes that may still be taken. */
  get freeBytes(): number {
    return this.parts.memory.left
  }

  get trace(): StepTrace {
    const { operations, executable } = this.#last
    return { operations, graph: executable !== undefined }
  }

  /** What the card does at best, measured now: see {@link measureCeilings}. */
  ceilings(mostBytes?: number): Ceilings {
    const { context, stream, toolbox } = this.parts
    return this.#guard.run(() => measureCeilings(context, stream, toolbox.library, toolbox.matmul, mostBytes))
  }

  /**
   * How long each operation of the last step takes: see {@link profileStep}. Only for those who measure: what the step
   * drew is drawn anew, and nobody is told.
   */
  profile(options: ProfileOptions): StepProfile {
    const { context, stream } = this.parts
    return this.#guard.run(() => profileStep(context, stream, this.#last, options))
  }

  // ── Memory ──

  allocate(shape: readonly number[], type: ElementType, purpose: MemoryPurpose): Tensor {
    const [rows = 1, ...rest] = shape
    const padded = purpose === 'activations' ? paddedRows(rows) : rows
    const elements = rest.reduce((product, size) => product * size, padded)
    const pointer = this.parts.memory.take(elements * ELEMENT_BYTES[type], purpose)
    return new CudaTensor(this, [...shape], type, purpose, pointer)
  }

  allocateWeight(out: number, inner: number, storage: WeightStorage): Weight {
    const pointer = this.parts.memory.take(out * inner * ELEMENT_BYTES[storage], 'weights')
    const scaled = storage === 'int8' || storage === 'fp8'
    const scales = scaled ? this.parts.memory.take(out * 4, 'weights') : 0
    return new CudaWeight(this, [out, inner], storage, pointer, scales)
  }

  upload(to: Tensor, values: Float32Array | Int32Array, offset = 0): void {
    this.#guard.run(() => this.parts.uploads.tensor(this.#place.tensor(to), values, offset))
  }

  uploadWeight(weight: Weight, firstRow: number, values: Float32Array): void {
    this.#guard.run(() => this.parts.uploads.weight(this.#place.weight(weight), firstRow, values))
  }

  uploadRandom(to: Weight | Tensor, first: number, count: number, key: number, scale: number): void {
    const place = 'storage' in to ? this.#place.weight(to) : this.#place.tensor(to)
    this.#guard.run(() => this.parts.uploads.random(place, first, count, key, scale))
  }

  download(from: Tensor, elements?: number): Float32Array {
    const tensor = this.#place.tensor(from)
    return this.#guard.run(() => this.parts.uploads.download(tensor, elements ?? tensor.elements))
  }

  seal(): MemoryBudget {
    this.parts.uploads[Symbol.dispose]()
    this.parts.memory.seal()
    return this.parts.memory.taken
  }

  // ── Steps ──

  async prepare(program: StepProgram, limits: StepLimits): Promise<void> {
    const { context, stream, rooms, toolbox, workspaces } = this.parts
    this.#guard.run(() => {
      rooms.reserve(limits)
      const { logits } = this.#record(program, 1, 1)
      this.#drawing = this.#drawingFor(limits.logitRows, logits.shape[1]!, limits.contextLength)
    })
    await toolbox.library.compileAhead(() => workspaces.reserve(() => this.#nameEverything(program, limits)))
    this.#guard.run(() => {
      const { nodes } = this.#record(program, 1, 1)
      rehearse({ ...toolbox, step: rooms.decode.memory }, nodes, limits.tokens, stream)
      const operationsOf = (size: number, longest: number) => this.#decodeOperations(program, size, longest)
      if (toolbox.techniques.has('graphs')) this.#graphs = new DecodeGraphs(stream, limits, operationsOf)
      context.synchronize()
    })
  }

  run(step: StepInputs, rows: readonly RowSampling[], program: StepProgram): PendingRows {
    const { stream, rooms } = this.parts
    return this.#guard.run(() => {
      const graph = isDecode(step) ? this.#graphs?.find(step) : undefined
      if (graph !== undefined) {
        const drawing = this.#drawing!
        inPhase('stage', () => {
          rooms.decode.stage(stream, step, graph.size, graph.size)
          drawing.stage(stream, rows, graph.size)
        })
        graph.executable.launch(stream)
        this.#last = graph
        return this.#pending(drawing, rows)
      }
      const room = rooms.eager(step)
      const shape = inPhase('stage', () => room.stage(stream, step))
      const { lowered, logits } = this.#recent.find(program, shape, room.memory, isDecode(step), () =>
        this.#record(program, shape.tokens, shape.logitRows),
      )
      const drawing = this.#drawingFor(rows.length, logits.shape[1]!, shape.context)
      const operations = lowered.operations(shape)
      if (rows.length > 0) {
        drawing.stage(stream, rows, rows.length)
        operations.push(...drawing.operations(logits, rows.length))
      }
      for (const operation of operations) operation.enqueue(stream)
      this.#last = { operations, executable: undefined }
      return this.#pending(drawing, rows)
    })
  }

  begin(inputs: StepInputs): void {
    this.#guard.run(() => {
      const room = this.parts.rooms.eager(inputs)
      this.#current = { room, shape: room.stage(this.parts.stream, inputs) }
    })
  }

  // ── Operations ──

  embed(out: Tensor, table: Weight, scale: number): void {
    const { tensor, weight } = this.#place
    this.#do({ kind: 'embed', out: tensor(out), table: weight(table), scale })
  }

  norm(out: Tensor, x: Tensor, weight: Tensor, rows: number, options: NormOptions): void {
    const { tensor } = this.#place
    this.#do({ kind: 'norm', out: tensor(out), x: tensor(x), weight: tensor(weight), rows, options })
  }

  addNorm(out: Tensor, residual: Tensor, x: Tensor, weight: Tensor, rows: number, options: NormOptions): void {
    const { tensor } = this.#place
    const places = { out: tensor(out), residual: tensor(residual), x: tensor(x), weight: tensor(weight) }
    this.#do({ kind: 'addNorm', ...places, rows, options })
  }

  add(residual: Tensor, x: Tensor, rows: number): void {
    const { tensor } = this.#place
    this.#do({ kind: 'add', residual: tensor(residual), x: tensor(x), rows })
  }

  linear(out: Tensor, x: Tensor, weight: Weight, rows: number, bias?: Tensor): void {
    const { tensor } = this.#place
    const places = { out: tensor(out), x: tensor(x), weight: this.#place.weight(weight) }
    this.#do({ kind: 'linear', ...places, rows, bias: bias && tensor(bias) })
  }

  ropeAndCache(qkv: Tensor, kv: KvLayer, heads: HeadShape, rope: RopeTables, qkNorm?: QkNorm): void {
    const { tensor, cache } = this.#place
    const tables = { cos: tensor(rope.cos), sin: tensor(rope.sin) }
    const norms = qkNorm && { ...qkNorm, q: tensor(qkNorm.q), k: tensor(qkNorm.k) }
    this.#do({ kind: 'rope', qkv: tensor(qkv), kv: cache(kv), heads, rope: tables, qkNorm: norms })
  }

  attention(out: Tensor, qkv: Tensor, kv: KvLayer, heads: HeadShape, options: AttentionOptions): void {
    const { tensor, cache } = this.#place
    this.#do({ kind: 'attention', out: tensor(out), qkv: tensor(qkv), kv: cache(kv), heads, options })
  }

  gatedActivation(out: Tensor, gateUp: Tensor, rows: number, activation: Activation): void {
    const { tensor } = this.#place
    this.#do({ kind: 'gated', out: tensor(out), gateUp: tensor(gateUp), rows, activation })
  }

  gather(out: Tensor, x: Tensor): void {
    const { tensor } = this.#place
    this.#do({ kind: 'gather', out: tensor(out), x: tensor(x) })
  }

  async sample(logits: Tensor, rows: readonly RowSampling[]): Promise<readonly SampledRow[]> {
    const { stream } = this.parts
    return this.#guard.run(() => {
      const values = this.#place.tensor(logits)
      const drawing = this.#drawingFor(rows.length, values.shape[1]!, this.#current?.shape.context ?? 1)
      drawing.stage(stream, rows, rows.length)
      for (const operation of drawing.operations(values, rows.length)) operation.enqueue(stream)
      return drawing.collect(stream, rows)()
    })
  }

  /** Idempotent. Waits until the card has nothing more to do; one that is lost is left to the process's end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#guard.disposed) return
    const { context, memory } = this.parts
    this.#guard.dispose(
      () => {
        context.synchronize()
        this.#graphs?.[Symbol.dispose]()
        memory[Symbol.dispose]()
        context[Symbol.dispose]()
      },
      // Nothing can be given back, nor the card be opened again, before the process ends.
      () => context[Symbol.dispose](),
    )
  }

  /** Writes an operation down, or launches it. */
  #do(node: Node): void {
    if (this.#recording !== undefined) {
      this.#recording.push(node)
      return
    }
    this.#guard.run(() => {
      const { toolbox, stream, rooms } = this.parts
      const { shape, room } = this.#current ?? { shape: NO_STEP, room: rooms.anyFor(1) }
      const kind = { everyRow: false, spare: false }
      for (const operation of lowerProgram(toolbox, [node], shape, room.memory, kind)) operation.enqueue(stream)
    })
  }

  /** What `program` names for these sizes. */
  #record(program: StepProgram, tokens: number, logitRows: number): Recording {
    const nodes: Node[] = []
    this.#recording = nodes
    try {
      return { nodes, logits: this.#place.tensor(program(tokens, logitRows)) }
    } finally {
      this.#recording = undefined
    }
  }

  /** The launches of a decode step of `size` sequences of at most `context` positions, the drawing included. */
  #decodeOperations(program: StepProgram, size: number, context: number): readonly DeviceOperation[] {
    const { toolbox, rooms } = this.parts
    const { memory } = rooms.decode
    const { nodes, logits } = this.#record(program, size, size)
    const shape = { tokens: size, logitRows: size, singles: size, singlesContext: context, tiles: 0, context }
    const kind = { everyRow: true, spare: true }
    return [...lowerProgram(toolbox, nodes, shape, memory, kind), ...this.#drawing!.operations(logits, size)]
  }

  /** Prepares launches until every kernel and all room was asked for that steps within `limits` need; enqueues none. */
  #nameEverything(program: StepProgram, limits: StepLimits): void {
    const { toolbox, rooms } = this.parts
    for (const shape of everyShape(limits)) {
      const { nodes } = this.#record(program, shape.tokens, shape.logitRows)
      lowerProgram(toolbox, nodes, shape, rooms.decode.memory, { everyRow: false, spare: true })
    }
    // Without graphs steps of decoding are of any size.
    const others = toolbox.techniques.has('graphs') ? [] : LINEAR_ROWS.filter(rows => rows < limits.sequences)
    for (const size of [...decodeSizes(limits.sequences), ...others]) {
      this.#decodeOperations(program, size, limits.contextLength)
    }
  }

  #drawingFor(rows: number, vocab: number, maxContext: number): Drawing {
    const has = this.#drawing
    if (has?.holds(rows, vocab)) return has
    const { toolbox, context, rooms } = this.parts
    const step = rooms.anyFor(rows).memory
    this.#drawing = new Drawing(
      context,
      new Sampler({ ...toolbox, step }, { maxRows: Math.max(1, rows), vocab, maxContext }),
    )
    return this.#drawing
  }

  #pending(drawing: Drawing, rows: readonly RowSampling[]): PendingRows {
    const taken = drawing.collect(this.parts.stream, rows)
    return { take: async () => this.#guard.run(taken) }
  }
}

const NO_STEP: StepShape = { tokens: 0, logitRows: 0, singles: 0, singlesContext: 0, tiles: 0, context: 0 }

/** One token of each sequence, and all their logits wanted in order. */
function isDecode({ tokens, contextLengths, logitRows }: StepInputs): boolean {
  return tokens.length === contextLengths.length && logitRows.length === tokens.length
}
