import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emulator } from '../../../../../test/emulator/emulator.ts'
import { CudaUnavailableError, openCuda } from '../../../../cuda/index.ts'
import { type CudaDeviceOptions, createCudaDevice } from '../create-cuda-device.ts'
import type { CudaDevice } from '../device.ts'

/** Where CUDA tests run: on this machine's GPU, else on the emulator, which needs g++. */
export interface TestCard {
  readonly name: string
  /** Cases that would take the emulator minutes are for GPUs. */
  readonly emulated: boolean
  open(options?: CudaDeviceOptions): Promise<CudaDevice>
}

/** Apart from the user's own; shared by all tests, by what was compiled. */
const TEST_HOME = join(tmpdir(), 'warpline-test')
export const TEST_KERNELS = join(TEST_HOME, 'kernels')

/** Undefined where there is neither: say so by skipping. To be called before anything else opens CUDA. */
export function testCard(): TestCard | undefined {
  if (process.env.WARPLINE_CUDA_LIBRARIES === undefined && !hasGpu()) {
    const built = emulator()
    if (built === undefined) return undefined
    process.env.WARPLINE_CUDA_LIBRARIES = built.directory
  }
  process.env.WARPLINE_HOME = TEST_HOME
  const { name } = openCuda().devices[0]!
  return {
    name,
    emulated: name.startsWith('Emulated'),
    open: options => createCudaDevice({ gpuMemory: '1GiB', ...options }),
  }
}

function hasGpu(): boolean {
  try {
    return openCuda().devices.length > 0
  } catch (error) {
    if (error instanceof CudaUnavailableError) return false
    throw error
  }
}
