import { writeNumber64 } from '../driver/launch-buffer.ts'
import { OUT, outNumber } from '../driver/scratch.ts'
import { CompileError } from '../errors.ts'
import { NVRTC_ERROR_COMPILATION } from './functions.ts'
import { checkNvrtc, type Nvrtc, nvrtc } from './nvrtc.ts'

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
  /** Warnings; empty where there are none, or where the image was compiled before. */
  readonly log: string
}

/** Compiles kernels by NVRTC. @throws CompileError with the compiler's log; CudaUnavailableError without NVRTC. */
export function compile(request: CompileRequest): Compiled {
  const compiler = nvrtc()
  const { functions } = compiler
  const { source, name, headers = {} } = request
  const names = Object.keys(headers)
  const created = functions.nvrtcCreateProgram(OUT, source, name, names.length, Object.values(headers), names)
  checkNvrtc(created, 'nvrtcCreateProgram')
  const program = outNumber()
  try {
    const target = targetOf(request.architecture, compiler.architectures)
    const options = optionsOf(request, target.option)
    const code = functions.nvrtcCompileProgram(program, options.length, options)
    const log = logOf(compiler, program)
    if (code === NVRTC_ERROR_COMPILATION) throw new CompileError(name, log)
    checkNvrtc(code, `nvrtcCompileProgram(${name})`)
    return { image: target.binary ? cubinOf(compiler, program) : ptxOf(compiler, program), log }
  } finally {
    destroy(compiler, program)
  }
}

export function optionsOf({ defines = {} }: CompileRequest, target: string): string[] {
  const macros = Object.entries(defines).map(([name, value]) => `-D${name}=${value}`)
  return [`--gpu-architecture=${target}`, '--std=c++17', '--device-as-default-execution-space', ...macros]
}

/**
 * The compiler's target for an architecture: itself where it is known, and a cubin comes of it; else the newest before
 * it as PTX, which the driver compiles.
 */
export function targetOf(architecture: string, known: readonly number[]): { option: string; binary: boolean } {
  const wanted = Number(/\d+/.exec(architecture)?.[0])
  const before = known.filter(each => each <= wanted).at(-1)
  if (before === wanted || before === undefined) return { option: architecture, binary: true }
  return { option: `compute_${before}`, binary: false }
}

function cubinOf({ functions }: Nvrtc, program: number): Uint8Array {
  checkNvrtc(functions.nvrtcGetCUBINSize(program, OUT), 'nvrtcGetCUBINSize')
  const image = new Uint8Array(outNumber())
  checkNvrtc(functions.nvrtcGetCUBIN(program, image), 'nvrtcGetCUBIN')
  return image
}

function ptxOf({ functions }: Nvrtc, program: number): Uint8Array {
  checkNvrtc(functions.nvrtcGetPTXSize(program, OUT), 'nvrtcGetPTXSize')
  const image = new Uint8Array(outNumber())
  checkNvrtc(functions.nvrtcGetPTX(program, image), 'nvrtcGetPTX')
  return image
}

function logOf({ functions }: Nvrtc, program: number): string {
  checkNvrtc(functions.nvrtcGetProgramLogSize(program, OUT), 'nvrtcGetProgramLogSize')
  const bytes = Buffer.alloc(outNumber())
  if (bytes.length > 0) checkNvrtc(functions.nvrtcGetProgramLog(program, bytes), 'nvrtcGetProgramLog')
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end).trim()
}

function destroy({ functions }: Nvrtc, program: number): void {
  const handle = new DataView(new ArrayBuffer(8))
  writeNumber64(handle, 0, program)
  checkNvrtc(functions.nvrtcDestroyProgram(handle), 'nvrtcDestroyProgram')
}
