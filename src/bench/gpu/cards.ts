import { CudaError, CudaUnavailableError, openNvml } from '../../cuda/index.ts'

/** What a card says of itself at one moment; undefined is what it does not tell. */
export interface CardReading {
  /** Of all processes. */
  readonly memoryBytes: number
  /** 0…1: the part of the last sampling period in which a kernel ran. */
  readonly utilisation: number | undefined
  readonly watts: number | undefined
  /** Since the driver was loaded. */
  readonly joules: number | undefined
}

export interface WatchedCard {
  readonly name: string
  read(): CardReading
}

/** The cards of this machine; none where there is no driver, or it tells nothing. */
export function cardsHere(): readonly WatchedCard[] {
  try {
    return openNvml().devices.map(device => ({
      name: device.name,
      read: () => ({
        memoryBytes: device.memory.used,
        utilisation: device.utilisation?.kernels,
        watts: device.powerWatts,
        joules: device.energyJoules,
      }),
    }))
  } catch (error) {
    if (error instanceof CudaUnavailableError || error instanceof CudaError) return []
    throw error
  }
}
