import { CudaContext } from './context.ts'
import { DEVICE_ATTRIBUTE } from './driver/constants.ts'
import { check, driver } from './driver/driver.ts'
import type { DeviceHandle } from './driver/functions.ts'
import { OUT, outBytes, outInt, outNumber, outText } from './driver/scratch.ts'

const NAME_BYTES = 256

/** A card. */
export class CudaDevice {
  readonly #handle: DeviceHandle
  readonly name: string
  /** `GPU-xxxxxxxx-xxxx-…` as nvidia-smi prints it. */
  readonly uuid: string
  readonly capability: { readonly major: number; readonly minor: number }
  /** What kernels are compiled for: `sm_90a`, `sm_80`, … */
  readonly architecture: string
  readonly multiprocessors: number
  readonly memoryBytes: number
  readonly l2Bytes: number
  /** Most shared memory that one block can ask for. */
  readonly sharedBytesPerBlock: number

  /** @internal Use `openCuda().devices`. */
  constructor(readonly index: number) {
    const functions = driver()
    check(functions.cuDeviceGet(OUT, index), 'cuDeviceGet')
    const handle = outInt() as DeviceHandle
    this.#handle = handle
    const attribute = (id: number): number => {
      check(functions.cuDeviceGetAttribute(OUT, id, handle), 'cuDeviceGetAttribute')
      return outInt()
    }
    check(functions.cuDeviceGetName(OUT, NAME_BYTES, handle), 'cuDeviceGetName')
    this.name = outText()
    check(functions.cuDeviceGetUuid_v2(OUT, handle), 'cuDeviceGetUuid_v2')
    this.uuid = uuidText(outBytes(16))
    check(functions.cuDeviceTotalMem_v2(OUT, handle), 'cuDeviceTotalMem_v2')
    this.memoryBytes = outNumber()
    const major = attribute(DEVICE_ATTRIBUTE.capabilityMajor)
    const minor = attribute(DEVICE_ATTRIBUTE.capabilityMinor)
    this.capability = { major, minor }
    this.architecture = architectureOf(major, minor)
    this.multiprocessors = attribute(DEVICE_ATTRIBUTE.multiprocessors)
    this.l2Bytes = attribute(DEVICE_ATTRIBUTE.l2Bytes)
    this.sharedBytesPerBlock = attribute(DEVICE_ATTRIBUTE.sharedBytesPerBlockOptin)
  }

  /** Its primary context, made current in this thread. */
  open(): CudaContext {
    return new CudaContext(this, this.#handle)
  }
}

/** With `a`, where a card has instructions that no later one keeps: wgmma of 9.0, tcgen05 of 10.x. */
export function architectureOf(major: number, minor: number): string {
  return `sm_${major}${minor}${major === 9 || major === 10 ? 'a' : ''}`
}

export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
  return `GPU-${parts.join('-')}`
}
