import { readdirSync, readFileSync } from 'node:fs'
import type {
  CompileRequest,
  CudaContext,
  Kernel,
  KernelCache,
  KernelDeclaration,
  Launch,
  Parameters,
} from '../../../../cuda/index.ts'
import { compileAll } from './compile-all.ts'

/** What a kernel is specialised with: becomes `-DNAME=value`. */
export type Defines = Readonly<Record<string, string | number>>

interface Wanted {
  readonly request: CompileRequest
  readonly declaration: KernelDeclaration<Parameters>
}

/** The kernels of `kernels/`, compiled for this card and these constants at first use, and kept. */
export class KernelLibrary {
  readonly #headers: Readonly<Record<string, string>>
  readonly #kernels = new Specialisations()
  /** What was asked for, while nothing is compiled yet. */
  #collected: Map<Specialisation, Wanted> | undefined

  constructor(
    private readonly context: CudaContext,
    private readonly cache: KernelCache,
  ) {
    this.#headers = Object.fromEntries(headerNames().map(name => [name, kernelSource(name)]))
  }

  /** What kernels are compiled for, e.g. `sm_90a`. */
  get architecture(): string {
    return this.context.device.architecture
  }

  /** Kernel `declaration` of `kernels/FILE`, e.g. `norm.cu`, with `defines`. */
  get<P extends Parameters>(file: string, declaration: KernelDeclaration<P>, defines: Defines): Kernel<P> {
    const place = this.#kernels.of(declaration, defines)
    if (place.kernel !== undefined) return place.kernel as Kernel<P>
    const wanted = { request: this.#requestFor(file, defines), declaration }
    if (this.#collected !== undefined) {
      this.#collected.set(place, wanted)
      return UNCOMPILED as Kernel<P>
    }
    return this.#add(place, wanted, this.cache.compile(wanted.request).image) as Kernel<P>
  }

  /**
   * Compiles all that `name` asks for, on several threads. `name` prepares launches and must not enqueue them: those of
   * kernels that are not compiled yet do nothing.
   */
  async compileAhead(name: () => void): Promise<void> {
    const wanted = new Map<Specialisation, Wanted>()
    this.#collected = wanted
    try {
      name()
    } finally {
      this.#collected = undefined
    }
    const all = [...wanted]
    const images = await compileAll(
      all.map(([, { request }]) => request),
      this.cache,
    )
    for (const [i, [place, each]] of all.entries()) this.#add(place, each, images[i]!)
  }

  #requestFor(file: string, defines: Defines): CompileRequest {
    const { architecture } = this.context.device
    return { name: file, source: kernelSource(file), headers: this.#headers, defines, architecture }
  }

  #add(place: Specialisation, { declaration }: Wanted, image: Uint8Array): Kernel<Parameters> {
    place.kernel = this.context.load(image).kernel(declaration)
    return place.kernel
  }
}

/** Stands for a kernel while it is only asked for. */
const UNCOMPILED = { prepare: () => ({}) as Launch } as unknown as Kernel<Parameters>

type Values = Map<string | number, Specialisation>

/** A kernel with one set of constants, once it is compiled. */
class Specialisation {
  kernel: Kernel<Parameters> | undefined
  /** Those with one constant more, by its name and then by its value. */
  readonly more = new Map<string, Values>()
}

/** Kernels by declaration and constants: found step by step, so that a launch spells no key. */
class Specialisations {
  readonly #roots = new Map<KernelDeclaration<Parameters>, Specialisation>()

  of(declaration: KernelDeclaration<Parameters>, defines: Defines): Specialisation {
    let place = grown(this.#roots, declaration, newSpecialisation)
    for (const macro in defines) place = grown(grown(place.more, macro, newValues), defines[macro]!, newSpecialisation)
    return place
  }
}

function newSpecialisation(): Specialisation {
  return new Specialisation()
}

function newValues(): Values {
  return new Map()
}

/** What a map has at `key`, made where there is nothing. */
function grown<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

const texts = new Map<string, string>()

/** The text of a file under kernels/, which lies beside src/ and beside dist/. */
function kernelSource(name: string): string {
  let text = texts.get(name)
  if (text === undefined) {
    text = readFileSync(new URL(`../../../../../kernels/${name}`, import.meta.url), 'utf8')
    texts.set(name, text)
  }
  return text
}

/** Every file that kernels may include, as they name it. */
function headerNames(): string[] {
  return readdirSync(new URL('../../../../../kernels/lib/', import.meta.url)).map(name => `lib/${name}`)
}
