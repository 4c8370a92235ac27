/** What to compile, and for what. */
export interface CompileRequest {
  /** CUDA C++17. */
  readonly source: string
  /** Its name in messages, e.g. `norm.cu`. */
  readonly name: string
  /** e.g. `sm_90a`. */
  readonly architecture: string
  /** Macros: `-DNAME=value`. */
  readonly defines?: Readonly<Record<string, string | number>>
  /** Texts of what it includes, by the name it is included by. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Compiled {
  /** A cubin, or PTX where the compiler does not know the architecture; for `CudaContext.load`. */
  readonly image: Uint8Array
  /** Warnings. */
  readonly log: string
}

/** Compiles a kernel by NVRTC. @throws CompileError with the compiler's log; CudaUnavailableError without NVRTC. */
export function compile(_request: CompileRequest): Compiled {
  throw new Error('not built yet')
}
