import { Kernel } from './kernel.ts'
import type { KernelDeclaration, Parameters } from './parameters.ts'

/** Compiled kernels, loaded onto a card. */
export class CudaModule implements Disposable {
  /** @throws CudaError where the image has no kernel of the name. */
  kernel<P extends Parameters>(declaration: KernelDeclaration<P>): Kernel<P> {
    return new Kernel(declaration)
  }

  /** Unloads; its kernels are not to be launched any more. */
  [Symbol.dispose](): void {}
}
