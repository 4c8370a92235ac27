import { Kind, type Signature } from '../driver/signature.ts'
import { CudaUnavailableError } from '../errors.ts'
import { loadLibrary } from '../libraries/load.ts'

const text = new Kind<string>('str')

/** The functions of NVTX that are called, as in nvToolsExt.h; both give the depth of nesting. */
const NVTX_FUNCTIONS = {
  nvtxRangePushA: [text],
  nvtxRangePop: [],
} as const satisfies Record<string, Signature>

let opened: { push(name: string): void; pop(): void } | undefined

/** Begins a range of this thread that profilers show by name. Nothing where NVTX is not installed. */
export function rangePush(name: string): void {
  opened ??= open()
  opened.push(name)
}

/** Ends the range that was begun last. */
export function rangePop(): void {
  opened ??= open()
  opened.pop()
}

function open(): { push(name: string): void; pop(): void } {
  try {
    const { nvtxRangePushA, nvtxRangePop } = loadLibrary('nvtx', NVTX_FUNCTIONS).functions
    return { push: nvtxRangePushA, pop: nvtxRangePop }
  } catch (error) {
    if (!(error instanceof CudaUnavailableError)) throw error
    return { push: () => {}, pop: () => {} }
  }
}
