import type { NativeOptions } from '../../native/index.ts'

type Option = Exclude<keyof NativeOptions, 'onProgress' | 'isolated'>

/** By which flags our own server takes an engine's options. */
const FLAGS: Readonly<Record<Option, string>> = {
  device: '--device',
  threads: '--threads',
  dtype: '--dtype',
  weights: '--weights',
  quantize: '--quantize',
  kvType: '--kv-type',
  loadFormat: '--load-format',
  contextLength: '--context',
  maxSequences: '--max-sequences',
  tokenBudget: '--token-budget',
  kvMemory: '--kv-memory',
  gpuMemory: '--gpu-memory',
  prefixCaching: '--prefix-caching',
  batchInvariant: '--batch-invariant',
  without: '--without',
}

/** The words of a command line that opens an engine with these options. */
export function engineFlags(options: NativeOptions): readonly string[] {
  return Object.entries(FLAGS).flatMap(([key, flag]) => {
    const value = options[key as Option]
    if (value === undefined) return []
    if (typeof value === 'object') return value.flatMap(each => [flag, each])
    if (typeof value !== 'boolean') return [flag, String(value)]
    // Of a flag there is only the word that differs from its default.
    if (key === 'prefixCaching') return value ? [] : ['--no-prefix-caching']
    return value ? [flag] : []
  })
}
