import { type CudaContext, KernelCache, MatmulLibrary, openCuda, type Stream } from '../../../../cuda/index.ts'
import type { ActivationType } from '../../device.ts'
import { KernelLibrary } from '../kernels/kernel-library.ts'
import type { DeviceOperation } from '../operations/operation.ts'
import type { StepMemory } from '../step/step-memory.ts'
import { TECHNIQUES, type Technique } from '../techniques.ts'
import type { Tools } from '../tools.ts'
import { TEST_KERNELS } from './test-card.ts'

/** A card and what operations are made with, for tests of single operations. */
export class TestTools implements Disposable {
  readonly context: CudaContext = openCuda().devices[0]!.open()
  readonly stream: Stream = this.context.createStream()
  readonly #library = new KernelLibrary(this.context, new KernelCache(TEST_KERNELS))

  #matmul: MatmulLibrary | undefined

  tools(step: Partial<StepMemory> = {}, activationType: ActivationType = 'f32'): Tools {
    const none = { tokens: 0, positions: 0, slots: 0, sequences: 0, blockTables: 0, maxBlocks: 0 }
    this.#matmul ??= new MatmulLibrary(this.context, 2 ** 20)
    return {
      library: this.#library,
      matmul: this.#matmul,
      batchInvariant: false,
      activationType,
      step: { ...none, logitRows: 0, singles: 0, everyToken: 0, tiles: 0, drawn: 0, ...step },
      techniques: new Set(Object.keys(TECHNIQUES) as Technique[]),
      multiprocessors: this.context.device.multiprocessors,
      workspace: (_, bytes) => this.filled(new Uint8Array(bytes)),
    }
  }

  /** The address of memory with these contents. */
  filled(values: ArrayBufferView): number {
    const { pointer } = this.context.allocate(values.byteLength)
    this.stream.copyToDevice(pointer, values)
    return pointer
  }

  /** The address of so many bytes of 0xff, which is NaN in every type of floats. */
  poisoned(bytes: number): number {
    return this.filled(new Uint8Array(bytes).fill(0xff))
  }

  run(...operations: readonly DeviceOperation[]): void {
    for (const operation of operations) operation.enqueue(this.stream)
    this.stream.synchronize()
  }

  /** Fills `into` from the card. */
  read<T extends ArrayBufferView>(into: T, from: number): T {
    this.stream.copyToHost(into, from)
    this.stream.synchronize()
    return into
  }

  [Symbol.dispose](): void {
    this.context[Symbol.dispose]()
  }
}
