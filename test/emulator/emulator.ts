import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SOURCES = import.meta.dirname

/** Each library, by the name under which the driver's users look for it, and what it is made of. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'libcuda.so.1': [
    'devices.cpp',
    'copies.cpp',
    'modules.cpp',
    'streams.cpp',
    'grid.cpp',
    'fiber.cpp',
    'memory.cpp',
    'tensor-core.cpp',
  ],
  'libnvrtc.so.13': ['nvrtc.cpp', 'translate.cpp'],
  'libcublasLt.so.13': ['cublaslt.cpp'],
  'libnvidia-ml.so.1': ['nvml.cpp'],
}

/** What kernels are compiled with. */
const KERNEL_HEADERS = ['emulate.h', 'block.h', 'ptx.cuh']

const FLAGS = ['-std=c++17', '-O2', '-Wall', '-Wextra', '-fPIC', '-fvisibility=hidden', '-shared', '-Wl,-rpath,$ORIGIN']

const MOST_BUILD_MS = 120_000

/**
 * A folder with a CUDA driver and its libraries that run kernels on the processor; built at the first call. Undefined
 * where there is no g++.
 */
export function emulator(): { readonly directory: string } | undefined {
  if (!hasCompiler()) return undefined
  const files = readdirSync(SOURCES).filter(name => /\.(cpp|h|cuh)$/.test(name))
  const hash = createHash('sha256').update(JSON.stringify([LIBRARIES, FLAGS, compilerVersion()]))
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(SOURCES, name)))
  const directory = join(tmpdir(), `warpline-emulator-${hash.digest('hex').slice(0, 16)}`)
  if (!existsSync(directory)) buildOnce(directory)
  return { directory }
}

/** Makes the emulated GPU the one that this process and those that it starts find; to be called before CUDA is opened. */
export function useEmulator(): boolean {
  const built = emulator()
  if (built === undefined) return false
  process.env.WARPLINE_CUDA_LIBRARIES = built.directory
  return true
}

function hasCompiler(): boolean {
  return process.platform === 'linux' && spawnSync('g++', ['--version']).status === 0
}

function compilerVersion(): string {
  return execFileSync('g++', ['-dumpfullversion'], { encoding: 'utf8' })
}

/** Of processes that come at once one builds and the others wait, unless it seems to have died. */
function buildOnce(directory: string): void {
  const lock = `${directory}.building`
  const until = Date.now() + MOST_BUILD_MS
  for (;;) {
    try {
      mkdirSync(lock)
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
      if (existsSync(directory)) return
      if (Date.now() > until) break
    }
  }
  try {
    if (!existsSync(directory)) build(directory)
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

/** Beside the place first, then renamed: who finds the folder finds it whole, whoever else was building it. */
function build(directory: string): void {
  const work = mkdtempSync(`${directory}-`)
  try {
    for (const [library, sources] of Object.entries(LIBRARIES)) {
      const uses = library === 'libcuda.so.1' ? [] : [join(work, 'libcuda.so.1')]
      const paths = sources.map(name => join(SOURCES, name))
      const out = ['-o', join(work, library), `-Wl,-soname,${library}`]
      execFileSync('g++', [...FLAGS, ...out, ...paths, ...uses, '-ldl', '-lpthread'], { stdio: 'pipe' })
    }
    for (const name of KERNEL_HEADERS) copyFileSync(join(SOURCES, name), join(work, name))
    mkdirSync(join(work, 'kernels'))
    try {
      renameSync(work, directory)
    } catch (error) {
      if (!existsSync(directory)) throw error
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
