import type { StreamHandle } from '../driver/functions.ts'
import { writeNumber64 } from '../driver/launch-buffer.ts'
import { addressOf } from '../driver/scratch.ts'
import type { DevicePointer } from '../parameters.ts'
import type { Stream } from '../stream.ts'
import { DESCRIPTOR_ATTRIBUTE } from './constants.ts'
import { type CublasLt, checkCublas } from './cublaslt.ts'
import type { MatmulProblem } from './matmul-problem.ts'

export interface MatmulPointers {
  readonly a: DevicePointer
  readonly b: DevicePointer
  readonly d: DevicePointer
  readonly bias?: DevicePointer
}

/** What cuBLASLt proposes for a problem. */
export interface Algorithm {
  /** cublasLtMatmulAlgo_t. */
  readonly bytes: Uint8Array
  readonly workspaceBytes: number
  /** How often the card is filled with blocks, as the library reckons. */
  readonly waves: number
}

/** What α and β point to: 0 and 1. The class refers to it, so it stays where it is. */
const FACTORS = new Float32Array([0, 1])

/** A product whose algorithm is chosen. */
export class MatmulPlan {
  /** The algorithm for reports: its rank among the library's guesses, and what it needs. */
  readonly algorithm: string
  readonly workspaceBytes: number
  readonly #algorithm: number
  readonly #bias = new DataView(new ArrayBuffer(8))
  readonly #one: number
  readonly #beta: number

  /** @internal Use `MatmulLibrary.plan`. */
  constructor(
    private readonly library: {
      readonly functions: CublasLt
      readonly handle: number
      readonly workspace: DevicePointer
      readonly workspaceBytes: number
      use(): void
    },
    private readonly problem: MatmulProblem,
    private readonly proposals: readonly Algorithm[],
    rank = 0,
  ) {
    const { bytes, workspaceBytes, waves } = proposals[rank]!
    this.workspaceBytes = workspaceBytes
    this.algorithm = `#${rank}: ${waves.toFixed(2)} waves, ${workspaceBytes} bytes of workspace`
    this.#algorithm = addressOf(bytes)
    const zero = addressOf(FACTORS)
    this.#one = zero + FACTORS.BYTES_PER_ELEMENT
    this.#beta = problem.shape.accumulate ? this.#one : zero
  }

  enqueue(stream: Stream, { a, b, d, bias }: MatmulPointers): void {
    const { functions, handle, workspace, workspaceBytes } = this.library
    const { descriptor, layoutA, layoutB, layoutD } = this.problem
    this.library.use()
    if (this.problem.shape.bias !== undefined) this.#setBias(bias)
    const code = functions.cublasLtMatmul(
      ...([handle, descriptor, this.#one] as const),
      // Row-major d = a · b is column-major dᵀ = bᵀ · aᵀ: the library's A is b, its B is a.
      ...([b, layoutB, a, layoutA, this.#beta, d, layoutD, d, layoutD] as const),
      ...([this.#algorithm, workspace, workspaceBytes, stream.handle as StreamHandle] as const),
    )
    checkCublas(code, 'cublasLtMatmul')
  }

  /** The library's guesses, best first, to be timed against each other. */
  candidates(count: number): readonly MatmulPlan[] {
    const { library, problem, proposals } = this
    return proposals.slice(0, count).map((_, rank) => new MatmulPlan(library, problem, proposals, rank))
  }

  #setBias(bias: DevicePointer | undefined): void {
    if (bias === undefined) throw new TypeError('matmul: the plan has a bias, and none is given')
    writeNumber64(this.#bias, 0, bias)
    const { functions } = this.library
    const attribute = DESCRIPTOR_ATTRIBUTE.biasPointer
    const code = functions.cublasLtMatmulDescSetAttribute(this.problem.descriptor, attribute, this.#bias, 8)
    checkCublas(code, 'cublasLtMatmulDescSetAttribute')
  }
}
