import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Compiled, type CompileRequest, compile } from './compile.ts'
import { nvrtc } from './nvrtc.ts'

const DIGEST_BYTES = 32

/**
 * Compiles, and keeps what was compiled in a folder, one file for each source, headers, macros, architecture and
 * compiler. A folder that cannot be written only costs the time; a damaged file is made anew.
 */
export class KernelCache {
  readonly directory: string

  /** @param directory `$WARPLINE_HOME/kernels`, or `warpline/kernels` in the user's cache folder, unless told. */
  constructor(directory?: string) {
    this.directory = directory ?? defaultDirectory(process.env, homedir())
  }

  /** Whether the same was compiled before, and is whole. */
  has(request: CompileRequest): boolean {
    return readImage(this.#fileOf(request)) !== undefined
  }

  compile(request: CompileRequest): Compiled {
    const file = this.#fileOf(request)
    const kept = readImage(file)
    if (kept !== undefined) return { image: kept, log: '' }
    const compiled = compile(request)
    writeImage(file, compiled.image)
    return compiled
  }

  #fileOf(request: CompileRequest): string {
    const { version, path } = nvrtc()
    return join(this.directory, `${cacheKey(request, `${version} ${path}`)}.kernel`)
  }
}

export function defaultDirectory(env: Readonly<Record<string, string | undefined>>, home: string): string {
  if (env.WARPLINE_HOME) return join(env.WARPLINE_HOME, 'kernels')
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'warpline', 'kernels')
}

/** SHA-256 of everything that the image depends on; the order of macros and headers does not matter. */
export function cacheKey(request: CompileRequest, compiler: string): string {
  const { source, name, architecture, defines = {}, headers = {} } = request
  const sorted = (record: Readonly<Record<string, string | number>>) =>
    Object.entries(record)
      .map(([key, value]) => [key, String(value)])
      .sort(([a], [b]) => (a! < b! ? -1 : 1))
  const all = JSON.stringify([compiler, architecture, name, source, sorted(defines), sorted(headers)])
  return createHash('sha256').update(all).digest('hex')
}

/** A file is the SHA-256 of the image and the image. */
function readImage(file: string): Uint8Array | undefined {
  try {
    const bytes = readFileSync(file)
    const image = bytes.subarray(DIGEST_BYTES)
    return image.length > 0 && digest(image).equals(bytes.subarray(0, DIGEST_BYTES)) ? image : undefined
  } catch {
    return undefined
  }
}

/** Under a temporary name first, so that nobody reads half of it. */
function writeImage(file: string, image: Uint8Array): void {
  const temporary = `${file}.${randomUUID()}`
  attempt(() => {
    mkdirSync(dirname(file), { recursive: true })
    try {
      writeFileSync(temporary, Buffer.concat([digest(image), image]))
      renameSync(temporary, file)
    } catch {
      rmSync(temporary, { force: true })
    }
  })
}

/** What cannot be kept is compiled again next time. */
function attempt(write: () => void): void {
  try {
    write()
  } catch {}
}

function digest(image: Uint8Array): Buffer {
  return createHash('sha256').update(image).digest()
}
