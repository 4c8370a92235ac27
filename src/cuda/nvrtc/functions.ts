import { Kind, type Signature } from '../driver/signature.ts'

const i32 = new Kind<number>('int32_t')
const text = new Kind<string>('str')
const texts = new Kind<readonly string[]>('const char **')
const address = new Kind<number>('uint64_t')
const bytes = new Kind<ArrayBufferView>('void *')
const program = new Kind<number>('uint64_t')

/** The functions of libnvrtc that are called, as in nvrtc.h; all give an nvrtcResult. */
export const NVRTC_FUNCTIONS = {
  nvrtcVersion: [address, address],
  nvrtcGetNumSupportedArchs: [address],
  nvrtcGetSupportedArchs: [bytes],
  nvrtcCreateProgram: [address, text, text, i32, texts, texts],
  nvrtcCompileProgram: [program, i32, texts],
  nvrtcGetCUBINSize: [program, address],
  nvrtcGetCUBIN: [program, bytes],
  nvrtcGetPTXSize: [program, address],
  nvrtcGetPTX: [program, bytes],
  nvrtcGetProgramLogSize: [program, address],
  nvrtcGetProgramLog: [program, bytes],
  nvrtcDestroyProgram: [bytes],
} as const satisfies Record<string, Signature>

/** nvrtcResult: the number of a compilation that failed for what the source says. */
export const NVRTC_ERROR_COMPILATION = 6

/** nvrtcResult by number. */
export const NVRTC_RESULTS = [
  'NVRTC_SUCCESS',
  'NVRTC_ERROR_OUT_OF_MEMORY',
  'NVRTC_ERROR_PROGRAM_CREATION_FAILURE',
  'NVRTC_ERROR_INVALID_INPUT',
  'NVRTC_ERROR_INVALID_PROGRAM',
  'NVRTC_ERROR_INVALID_OPTION',
  'NVRTC_ERROR_COMPILATION',
  'NVRTC_ERROR_BUILTIN_OPERATION_FAILURE',
] as const
