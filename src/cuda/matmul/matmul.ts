import type { CudaContext } from '../context.ts'
import type { DevicePointer } from '../parameters.ts'
import type { Stream } from '../stream.ts'

export type MatmulType = 'f32' | 'bf16' | 'f16'

/** A matrix, row-major: `rows` of `columns` values as it lies in memory, before it is transposed. */
export interface MatmulOperand {
  readonly type: MatmulType
  readonly rows: number
  readonly columns: number
  /** Whether the product takes it transposed. Not for `d`. */
  readonly transposed?: boolean
  /** Elements from one row to the next; `columns` unless told. */
  readonly stride?: number
}

/** `d[m, n] = a[m, k] · b[k, n] (+ bias[n])`, where a and b are meant after they were transposed. */
export interface MatmulShape {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly a: MatmulOperand
  readonly b: MatmulOperand
  readonly d: MatmulOperand
  /** A value of each column of d is added to it. */
  readonly bias?: { readonly type: MatmulType }
  /** Adds to what d holds instead of overwriting it. */
  readonly accumulate?: boolean
}

export interface MatmulPointers {
  readonly a: DevicePointer
  readonly b: DevicePointer
  readonly d: DevicePointer
  readonly bias?: DevicePointer
}

/** A product whose algorithm is chosen. */
export interface MatmulPlan {
  /** What cuBLASLt calls the algorithm: its number and configuration, for reports. */
  readonly algorithm: string
  readonly workspaceBytes: number
  enqueue(stream: Stream, pointers: MatmulPointers): void
  /** The library's best guesses, best first, to be timed against each other. */
  candidates(count: number): readonly MatmulPlan[]
}

/** Matrix products by cuBLASLt, summed in f32. Streams that use one library at a time share its workspace. */
export class MatmulLibrary implements Disposable {
  constructor(
    readonly context: CudaContext,
    readonly workspaceBytes: number,
  ) {}

  /** Chooses the algorithm; asked once for each shape. */
  plan(_shape: MatmulShape): MatmulPlan {
    throw new Error('not built yet')
  }

  [Symbol.dispose](): void {}
}
