import type { Launch, LaunchShape } from './launch.ts'
import type { KernelArguments, KernelDeclaration, Parameters } from './parameters.ts'

export interface KernelAttributes {
  /** Registers of a thread. */
  readonly registers: number
  /** Spilled bytes of a thread. */
  readonly localBytes: number
  /** Static shared memory of a block. */
  readonly sharedBytes: number
  /** Most threads that a block may have. */
  readonly maxThreads: number
}

/** A kernel on a card. */
export class Kernel<P extends Parameters> {
  constructor(readonly declaration: KernelDeclaration<P>) {}

  get name(): string {
    return this.declaration.name
  }

  get attributes(): KernelAttributes {
    throw new Error('not built yet')
  }

  /** Packs a launch, to be enqueued as often as wanted. */
  prepare(_shape: LaunchShape, _args: KernelArguments<P>): Launch {
    throw new Error('not built yet')
  }

  /** How many blocks of so many threads one multiprocessor holds at once. */
  blocksPerMultiprocessor(_threads: number, _sharedBytes = 0): number {
    throw new Error('not built yet')
  }
}
