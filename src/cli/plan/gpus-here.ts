import { CudaUnavailableError, openCuda } from '../../cuda/index.ts'
import { findCard } from '../../native/index.ts'
import type { PlannedGpus } from './request.ts'

/** The GPUs of this machine, taken to be all like the first; undefined where there are none. */
export function gpusHere(): PlannedGpus | undefined {
  try {
    const { devices } = openCuda()
    const [first] = devices
    if (first === undefined) return undefined
    return { count: devices.length, name: first.name, memoryBytes: first.memoryBytes, card: findCard(first.name) }
  } catch (error) {
    if (error instanceof CudaUnavailableError) return undefined
    throw error
  }
}
