import { rangePop, rangePush } from '../../cuda/index.ts'
import type { PhaseObserver } from '../../native/index.ts'

/** The phases as ranges that Nsight shows; nothing where NVTX is not installed. */
export const nvtxPhases: PhaseObserver = { begin: phase => rangePush(phase), end: () => rangePop() }
