import type { Dtype } from './dtype.ts'

export interface TensorInfo {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly bytes: number
}

/** Named tensors that can be read piece by piece. */
export interface TensorSource extends Disposable {
  /** The file or directory to name when something about a tensor is wrong. */
  readonly path: string
  readonly tensors: ReadonlyMap<string, TensorInfo>
  /**
   * Elements `[first, first + count)` of a tensor of type F32, F16 or BF16 in row-major order, as floats; by default
   * all that follow `first`. Takes no memory beside the result, and none at all with `into`, whose front is filled and
   * returned: fresh memory costs more than the reading.
   *
   * @throws FormatError when there is no such tensor, its type is another or the file cannot be read; RangeError when
   * the tensor has fewer elements.
   */
  read(name: string, first?: number, count?: number, into?: Float32Array): Float32Array
}
