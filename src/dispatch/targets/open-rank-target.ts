import { availableParallelism } from 'node:os'
import type { Engine } from '../../engine/index.ts'
import { type OpenOptions, openTarget } from '../../targets.ts'
import { isModel, targetOf } from './expand-targets.ts'
import { cardName, cardsHere, gpuOfWorker, type Seat } from './gpu-of-worker.ts'

export interface RankTargetOptions {
  readonly targets: readonly string[]
  readonly open: OpenOptions
  /** Cards by worker, in turn. */
  readonly gpuMap?: readonly number[]
}

/** What one executing rank is to open. */
export interface RankTarget {
  /** Undefined: the bundled model. */
  readonly target: string | undefined
  readonly open: OpenOptions
  /** For people: `cuda:1 NVIDIA H200`, `cpu`; empty where it is elsewhere. */
  readonly device: string
  /** The card that is this rank's, where the host has any or a map says so. */
  readonly gpu: number | undefined
}

/** @throws InvalidTargetError */
export function rankTarget(
  { targets, open, gpuMap }: RankTargetOptions,
  { rank, localWorkers, ...seat }: Seat & { readonly rank: number; readonly localWorkers: number },
  cards = cardsHere(),
  nameOf = cardName,
): RankTarget {
  const gpu = () => gpuOfWorker(seat, gpuMap, cards)
  const own = gpuMap !== undefined || cards > 0 ? gpu() : undefined
  const target = targetOf(targets, { rank, worker: seat.worker, gpu })
  if (!isModel(target)) return { target, open, device: '', gpu: own }
  const { device = 'auto' } = open
  const onCard = device === 'cuda' || (device === 'auto' && cards > 0)
  if (onCard) {
    const card = gpu()
    return {
      target,
      open: { ...open, device: `cuda:${card}` },
      device: `cuda:${card} ${nameOf(card) ?? ''}`.trim(),
      gpu: card,
    }
  }
  if (device.startsWith('cuda:'))
    return { target, open, device: `${device} ${nameOf(Number(device.slice(5))) ?? ''}`.trim(), gpu: own }
  // Ranks of one host share its cores.
  const threads = open.threads ?? Math.max(1, Math.floor(availableParallelism() / localWorkers))
  return { target, open: { ...open, threads }, device: device === 'auto' ? 'cpu' : device, gpu: own }
}

export function openRankTarget({ target, open }: RankTarget): Promise<Engine> {
  return openTarget(target, { ...open, remote: { ...open.remote, retries: 0 } })
}
