import { existsSync } from 'node:fs'
import { createCpuDevice, createReferenceDevice } from './device/cpu/index.ts'
import type { CudaDevice } from './device/cuda/index.ts'
import type { ActivationType, Device } from './device/device.ts'
import type { DeviceName, NativeSettings } from './options.ts'

/** What was asked for, decided: nothing is `auto` any more. */
export type ChosenDevice =
  | { readonly kind: 'cpu'; readonly reference: boolean }
  | { readonly kind: 'cuda'; readonly ordinal: number }

/** A device, and which kind it is. */
export type OpenedDevice =
  | { readonly kind: 'cpu'; readonly device: Device }
  | { readonly kind: 'cuda'; readonly device: CudaDevice }

/** The oldest cards with bf16: Ampere. */
const LEAST_CAPABILITY = 8

export async function chooseDevice(name: DeviceName): Promise<ChosenDevice> {
  if (name === 'auto') return (await hasGpu()) ? { kind: 'cuda', ordinal: 0 } : { kind: 'cpu', reference: false }
  if (name === 'cpu' || name === 'cpu-reference') return { kind: 'cpu', reference: name === 'cpu-reference' }
  return { kind: 'cuda', ordinal: Number(name.split(':')[1] ?? 0) }
}

/** @throws ModelLoadError: one line, where there is no such device. */
export async function openDevice(
  chosen: ChosenDevice,
  activationType: ActivationType,
  { threads, batchInvariant, without, gpuMemory }: NativeSettings,
): Promise<OpenedDevice> {
  if (chosen.kind === 'cpu') {
    const device = chosen.reference ? createReferenceDevice(activationType) : await createCpuDevice({ threads })
    return { kind: 'cpu', device }
  }
  // Whoever computes on a CPU loads nothing that knows of CUDA.
  const { createCudaDevice } = await import('./device/cuda/index.ts')
  const { ordinal } = chosen
  const options = { ordinal, activationType, batchInvariant, without: new Set(without), gpuMemory }
  return { kind: 'cuda', device: await createCudaDevice(options) }
}

/** Whether the first GPU can do what the engine asks of it. Where there is no driver, no library is looked for. */
async function hasGpu(): Promise<boolean> {
  if (process.platform === 'linux' && !DRIVERS.some(path => existsSync(path))) return false
  if (process.platform === 'darwin') return false
  const { CudaUnavailableError, openCuda } = await import('../cuda/index.ts')
  try {
    const { devices } = openCuda()
    return (devices[0]?.capability.major ?? 0) >= LEAST_CAPABILITY
  } catch (error) {
    if (error instanceof CudaUnavailableError) return false
    throw error
  }
}

/** NVIDIA's driver, by itself and under WSL. */
const DRIVERS = ['/dev/nvidiactl', '/dev/dxg']
