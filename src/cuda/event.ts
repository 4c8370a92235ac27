/** A mark in a stream. */
export class CudaEvent implements Disposable {
  /** Whether all before the mark is done. An event that was never recorded is done. */
  get done(): boolean {
    throw new Error('not built yet')
  }

  /** Waits until all before the mark is done. */
  synchronize(): void {}

  /** Milliseconds between two marks that are both done. */
  elapsedMs(_since: CudaEvent): number {
    throw new Error('not built yet')
  }

  [Symbol.dispose](): void {}
}
