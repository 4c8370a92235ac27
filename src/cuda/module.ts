import type { CudaContext } from './context.ts'
import { check, checkRelease, driver } from './driver/driver.ts'
import type { FunctionHandle, ModuleHandle } from './driver/functions.ts'
import { OUT, outNumber } from './driver/scratch.ts'
import { Kernel } from './kernel.ts'
import type { KernelDeclaration, Parameters } from './parameters.ts'
import { Resource } from './resource.ts'

/** Compiled kernels, loaded onto a card. Once disposed of, they are not to be launched any more. */
export class CudaModule extends Resource {
  readonly #handle: ModuleHandle

  /** @internal Use `CudaContext.load`. */
  constructor(context: CudaContext, image: Uint8Array) {
    super(context)
    check(driver().cuModuleLoadData(OUT, image), 'cuModuleLoadData')
    this.#handle = outNumber() as ModuleHandle
  }

  /** @throws CudaError `CUDA_ERROR_NOT_FOUND` where the image has no kernel of the name. */
  kernel<P extends Parameters>(declaration: KernelDeclaration<P>): Kernel<P> {
    this.context.use()
    const call = `cuModuleGetFunction(${declaration.name})`
    check(driver().cuModuleGetFunction(OUT, this.#handle, declaration.name), call)
    return new Kernel(this.context, declaration, outNumber() as FunctionHandle)
  }

  protected override release(): void {
    checkRelease(driver().cuModuleUnload(this.#handle), 'cuModuleUnload')
  }
}
