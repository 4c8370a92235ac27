import { readdirSync, readFileSync } from 'node:fs'
import type { CudaContext, Kernel, KernelCache, KernelDeclaration, Parameters } from '../../../cuda/index.ts'

/** What a kernel is specialised with: becomes `-DNAME=value`. */
export type Defines = Readonly<Record<string, string | number>>

/** The kernels of `kernels/`, compiled for this card and these constants at first use, and kept. */
export class KernelLibrary {
  readonly #headers: Readonly<Record<string, string>>
  readonly #kernels = new Map<string, Kernel<Parameters>>()

  constructor(
    private readonly context: CudaContext,
    private readonly cache: KernelCache,
  ) {
    this.#headers = Object.fromEntries(headerNames().map(name => [name, kernelSource(name)]))
  }

  /** Kernel `declaration` of `kernels/FILE`, e.g. `norm.cu`, with `defines`. */
  get<P extends Parameters>(file: string, declaration: KernelDeclaration<P>, defines: Defines): Kernel<P> {
    const key = JSON.stringify([file, declaration.name, defines])
    let kernel = this.#kernels.get(key)
    if (kernel === undefined) {
      const { image } = this.cache.compile({
        name: file,
        source: kernelSource(file),
        headers: this.#headers,
        defines,
        architecture: this.context.device.architecture,
      })
      kernel = this.context.load(image).kernel(declaration) as Kernel<Parameters>
      this.#kernels.set(key, kernel)
    }
    return kernel as Kernel<P>
  }
}

/** The text of a file under kernels/, which lies beside src/ and beside dist/. */
function kernelSource(name: string): string {
  return readFileSync(new URL(`../../../../kernels/${name}`, import.meta.url), 'utf8')
}

/** Every file that kernels may include, as they name it. */
function headerNames(): string[] {
  return readdirSync(new URL('../../../../kernels/lib/', import.meta.url)).map(name => `lib/${name}`)
}
