import {
  type CompileRequest,
  type CudaContext,
  type CudaDevice,
  type CudaModule,
  KernelCache,
  MatmulLibrary,
  openCuda,
  type Stream,
} from '../cuda/index.ts'
import type { KitEntry, KitTools } from './entry.ts'
import { kernelHeaders, kitSource } from './sources.ts'

const MATMUL_WORKSPACE = 32 << 20

/** A card with the kit's kernels, compiled at first use. */
export class KitMachine implements Disposable {
  readonly context: CudaContext
  readonly stream: Stream
  readonly #matmul: MatmulLibrary
  readonly #cache: KernelCache
  readonly #headers = kernelHeaders()
  readonly #modules = new Map<string, CudaModule>()

  /**
   * @param cacheDirectory - where compiled kernels are kept; default: with Warpline's others
   * @throws CudaUnavailableError where there is no card, or a part of CUDA is missing.
   */
  constructor({ ordinal = 0, cacheDirectory }: { ordinal?: number; cacheDirectory?: string } = {}) {
    const { devices } = openCuda()
    const device = devices[ordinal]
    if (device === undefined) throw new RangeError(`there are ${devices.length} GPUs, and none is number ${ordinal}`)
    this.context = device.open()
    this.stream = this.context.createStream()
    this.#matmul = new MatmulLibrary(this.context, MATMUL_WORKSPACE)
    this.#cache = new KernelCache(cacheDirectory)
  }

  get device(): CudaDevice {
    return this.context.device
  }

  toolsFor(entry: KitEntry): KitTools {
    return {
      device: this.device,
      matmul: this.#matmul,
      kernel: declaration => this.#moduleOf(entry).kernel(declaration),
    }
  }

  /** Compiles and loads a source that may include what kernels/ has. @throws CompileError */
  load(
    source: Pick<CompileRequest, 'source' | 'name' | 'defines'>,
    headers: CompileRequest['headers'] = {},
  ): CudaModule {
    const { architecture } = this.device
    const { image } = this.#cache.compile({ ...source, architecture, headers: { ...this.#headers, ...headers } })
    return this.context.load(image)
  }

  [Symbol.dispose](): void {
    for (const module of this.#modules.values()) module[Symbol.dispose]()
    this.#modules.clear()
    this.#matmul[Symbol.dispose]()
    this.stream[Symbol.dispose]()
    this.context[Symbol.dispose]()
  }

  #moduleOf({ name, file, defines = {} }: KitEntry): CudaModule {
    if (file === undefined) throw new RangeError(`${name} has no kernel of its own`)
    const key = JSON.stringify([file, defines])
    let module = this.#modules.get(key)
    if (module === undefined) {
      module = this.load({ source: kitSource(file), name: `kit/${file}`, defines })
      this.#modules.set(key, module)
    }
    return module
  }
}
