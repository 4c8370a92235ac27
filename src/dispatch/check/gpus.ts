import koffi from 'koffi'
import { openCuda } from '../../cuda/index.ts'

/** The cards of this host. */
export interface Gpus {
  readonly names: readonly string[]
  /** Why there are none. */
  readonly why: string
  /** Memory of a card, to be sent and received. */
  open(ordinal: number, bytes: number): GpuBuffer
}

export interface GpuBuffer extends Disposable {
  write(data: Uint8Array): void
  read(): Uint8Array
  /** The card's memory itself: an address for an MPI that knows what to do with it, which nobody here may look into. */
  readonly memory: Uint8Array
}

export function gpusHere(): Gpus {
  try {
    const names = openCuda().devices.map(({ name }) => name)
    return { names, why: '', open: openBuffer }
  } catch (error) {
    return { names: [], why: error instanceof Error ? error.message : String(error), open: openBuffer }
  }
}

function openBuffer(ordinal: number, bytes: number): GpuBuffer {
  const context = openCuda().devices[ordinal]!.open()
  const device = context.allocate(bytes)
  const stream = context.createStream()
  return {
    write: data => {
      stream.copyToDevice(device.pointer, data)
      context.synchronize()
    },
    read: () => {
      const data = new Uint8Array(bytes)
      stream.copyToHost(data, device.pointer)
      context.synchronize()
      return data
    },
    get memory() {
      return new Uint8Array(koffi.view(BigInt(device.pointer), bytes))
    },
    [Symbol.dispose]: () => {
      stream[Symbol.dispose]()
      device[Symbol.dispose]()
      context[Symbol.dispose]()
    },
  }
}
