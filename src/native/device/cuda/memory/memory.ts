import { type CudaContext, CudaError, type DeviceMemory } from '../../../../cuda/index.ts'
import { ModelLoadError } from '../../../../engine/index.ts'
import type { MemoryBudget, MemoryPurpose } from '../../device.ts'

/** What the card's loads and stores are made for. */
const ALIGNMENT = 256
/** Small tensors share pieces of this size; the driver hands out no less. */
const SLAB = 2 ** 21

/**
 * Takes the card's memory, piece by piece, up to a limit, until it is sealed. Nothing is given back before the end.
 */
export class CudaMemory implements Disposable {
  readonly #pieces: DeviceMemory[] = []
  readonly #taken: Record<MemoryPurpose, number> = { weights: 0, 'kv-cache': 0, activations: 0, workspace: 0 }
  #slab: { at: number; left: number } = { at: 0, left: 0 }
  #sealed = false

  constructor(
    private readonly context: CudaContext,
    /** Bytes that may be taken in all. */
    readonly limit: number,
  ) {}

  get taken(): MemoryBudget {
    return { ...this.#taken }
  }

  get left(): number {
    return this.limit - Object.values(this.#taken).reduce((sum, bytes) => sum + bytes, 0)
  }

  get sealed(): boolean {
    return this.#sealed
  }

  seal(): void {
    this.#sealed = true
  }

  /** @throws ModelLoadError that says what to lower; RangeError once sealed. */
  take(bytes: number, purpose: MemoryPurpose): number {
    if (this.#sealed) throw new RangeError('the device is sealed: allocate before seal()')
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT)
    if (size > this.left) throw new ModelLoadError(this.#exceeds(size, purpose))
    this.#taken[purpose] += size
    if (size > SLAB / 4) return this.#allocate(size, purpose)
    if (size > this.#slab.left) this.#slab = { at: this.#allocate(SLAB, purpose), left: SLAB }
    const at = this.#slab.at
    this.#slab.at += size
    this.#slab.left -= size
    return at
  }

  [Symbol.dispose](): void {
    for (const piece of this.#pieces.splice(0)) piece[Symbol.dispose]()
  }

  #allocate(bytes: number, purpose: MemoryPurpose): number {
    try {
      const piece = this.context.allocate(bytes)
      this.#pieces.push(piece)
      return piece.pointer
    } catch (error) {
      if (!(error instanceof CudaError) || error.errorName !== 'CUDA_ERROR_OUT_OF_MEMORY') throw error
      const { free } = this.context.memory()
      throw new ModelLoadError(
        `the GPU has ${mebibytes(free)} left where ${mebibytes(bytes)} are needed for ${purpose}: ${ADVICE[purpose]}, or end what else runs there`,
        { cause: error },
      )
    }
  }

  #exceeds(bytes: number, purpose: MemoryPurpose): string {
    return `${mebibytes(bytes)} more for ${purpose} do not fit into the ${mebibytes(this.limit)} that the engine may take of the GPU (${mebibytes(this.left)} are left): ${ADVICE[purpose]}, or raise --gpu-memory`
  }
}

/** What to lower. */
const ADVICE: Readonly<Record<MemoryPurpose, string>> = {
  weights: 'keep the weights in fewer bytes (--quantize int8 or fp8)',
  'kv-cache': 'lower --context or --max-sequences, or keep the cache in fewer bytes (--kv-type fp8)',
  activations: 'lower --token-budget or --max-sequences',
  workspace: 'lower --max-sequences or --context',
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`
}
