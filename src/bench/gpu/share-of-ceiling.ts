import { findCard, type KvStorage, stepWork, type WeightStorage } from '../../native/index.ts'
import { modelOf } from '../model-of.ts'
import type { GpuUsage } from '../report/bench-report.ts'
import type { RunResult } from '../run/run.ts'
import { decodeRate } from './decode-rate.ts'

const STORAGES: readonly string[] = ['f32', 'bf16', 'f16', 'fp8', 'int8'] satisfies WeightStorage[]

/**
 * What the run's decode steps had to read and compute at the least, a second, as a share of what the card's data sheet
 * promises. A sheet's figures are never reached: about 87 % of its bandwidth can be. Of one card and one of our own models; null
 * for all else.
 */
export function shareOfCeiling(result: RunResult, cards: readonly string[]): GpuUsage['ofCeiling'] {
  const { spec, info, window, records } = result
  const [name, ...others] = cards
  const card = name === undefined || others.length > 0 ? undefined : findCard(name)
  const model = modelOf(spec.target, spec.open)
  const rate = decodeRate(records, window.fromMs, window.toMs)
  if (!card || !model || !rate || !STORAGES.includes(info.weightType)) return null
  const { kvType = 'auto' } = spec.open ?? {}
  const work = stepWork({
    config: model.config,
    storage: info.weightType as WeightStorage,
    // What a GPU chooses by itself has two bytes.
    kvType: kvType === 'auto' ? 'bf16' : (kvType as KvStorage),
    sequences: rate.batch,
    tokens: 1,
    behind: rate.context,
  })
  const stepsPerSecond = rate.tokens / rate.batch / rate.seconds
  const bytes = (work.bytes * stepsPerSecond) / card.bandwidth
  const operations = (work.flops * stepsPerSecond) / card.halfFlops
  return bytes >= operations ? { share: bytes, bound: 'bytes' } : { share: operations, bound: 'operations' }
}
