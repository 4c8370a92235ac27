import type { CudaEvent } from './event.ts'
import type { Graph } from './graph.ts'
import type { Kernel } from './kernel.ts'
import type { Launch, LaunchShape } from './launch.ts'
import type { DevicePointer, KernelArguments, Parameters } from './parameters.ts'
import type { PinnedMemory } from './pinned-memory.ts'

/**
 * A card's work, done in order and beside this thread. Copies from and to pinned memory return at once; those of
 * ordinary memory return when the host's side is done.
 */
export class Stream implements Disposable {
  /** Launches once. What is launched often is prepared once and enqueued. */
  launch<P extends Parameters>(kernel: Kernel<P>, shape: LaunchShape, args: KernelArguments<P>): void {
    this.enqueue(kernel.prepare(shape, args))
  }

  enqueue(_launch: Launch): void {}

  /** `bytes` is all of `from` behind `fromOffset` (bytes) unless told. */
  copyToDevice(
    _to: DevicePointer,
    _from: PinnedMemory | ArrayBufferView,
    _bytes?: number,
    _fromOffset?: number,
  ): void {}

  /** `bytes` is all of `to` behind `toOffset` (bytes) unless told. */
  copyToHost(_to: PinnedMemory | ArrayBufferView, _from: DevicePointer, _bytes?: number, _toOffset?: number): void {}

  /** Copies on the card. */
  copy(_to: DevicePointer, _from: DevicePointer, _bytes: number): void {}

  fill(_to: DevicePointer, _byte: number, _bytes: number): void {}

  record(_event: CudaEvent): void {}

  /** What is enqueued from now on waits for the event. */
  wait(_event: CudaEvent): void {}

  /** Waits for all that was enqueued. @throws CudaError for what failed on the card. */
  synchronize(): void {}

  /** Records what `body` enqueues instead of doing it. */
  capture(_body: () => void): Graph {
    throw new Error('not built yet')
  }

  [Symbol.dispose](): void {}
}
