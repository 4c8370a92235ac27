import { openCuda } from '../../cuda/index.ts'
import { InvalidTargetError } from '../../engine/index.ts'

/** Where a rank stands among the executing ranks: of all, and of its host. */
export interface Seat {
  readonly worker: number
  readonly localWorker: number
}

/** The card's number: what the map says of this worker, in turn; without one, the host's executing ranks take its cards in turn. */
export function gpuOfWorker({ worker, localWorker }: Seat, map: readonly number[] | undefined, cards: number): number {
  if (map !== undefined && map.length > 0) return map[worker % map.length]!
  if (cards === 0)
    throw new InvalidTargetError('{gpu}: this host has no GPU; --gpu-map says which one to take elsewhere')
  return localWorker % cards
}

/** How many cards the driver shows; 0 where there is none. */
export function cardsHere(): number {
  return devicesHere().length
}

/** `NVIDIA H200`; undefined where there is no such card. */
export function cardName(ordinal: number): string | undefined {
  return devicesHere()[ordinal]?.name
}

function devicesHere() {
  try {
    return openCuda().devices
  } catch {
    return []
  }
}
