import { type DoneEvent, type EngineInfo, UNKNOWN_CONTEXT } from '../engine/index.ts'

/** e.g. `ember, 3.2 M parameters, context 512`. */
export function describeModel({ model, parameters, contextLength }: EngineInfo): string {
  const size = parameters > 0 ? [`${count(parameters)} parameters`] : []
  const context = contextLength === UNKNOWN_CONTEXT ? [] : [`context ${contextLength}`]
  return [model, ...size, ...context].join(', ')
}

/** e.g. `native/cpu, int8 weights`. */
export function describeCompute({ backend, weightType }: EngineInfo): string {
  return weightType === 'none' ? backend : `${backend}, ${weightType} weights`
}

/** e.g. `weights 12.6 GiB · kv-cache 111 GiB · headroom 90 MiB`: what was taken of a GPU; undefined without one. */
export function describeMemory({ backend, memory = {} }: EngineInfo): string | undefined {
  if (!backend.startsWith('native/cuda')) return undefined
  const uses = Object.entries(memory).filter(([, bytes]) => bytes > 0)
  return uses.map(([use, bytes]) => `${use} ${amount(bytes)}`).join(' · ')
}

/** e.g. `87 tokens, 412 tok/s, first after 12 ms, prompt 45 tokens (32 cached)`. */
export function describeRun(done: DoneEvent): string {
  const { promptTokens, cachedTokens, completionTokens } = done.usage
  const cached = cachedTokens > 0 ? ` (${cachedTokens} cached)` : ''
  const rate = tokensPerSecond(done)
  return [
    plural(completionTokens, 'token'),
    ...(rate === undefined ? [] : [`${rate < 100 ? rate.toFixed(1) : Math.round(rate)} tok/s`]),
    `first after ${timeToFirstTokenMs(done).toFixed(0)} ms`,
    `prompt ${plural(promptTokens, 'token')}${cached}`,
    ...(done.choices.some(({ finishReason }) => finishReason === 'length') ? ['cut at the length limit'] : []),
  ].join(' · ')
}

/** After the first token: decode alone. */
export function tokensPerSecond({ usage, timings }: DoneEvent): number | undefined {
  if (usage.completionTokens < 2 || timings.decodeMs <= 0) return undefined
  return ((usage.completionTokens - 1) * 1000) / timings.decodeMs
}

export function timeToFirstTokenMs({ timings }: DoneEvent): number {
  return timings.queuedMs + timings.prefillMs
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

function amount(bytes: number): string {
  const [size, unit] = bytes >= 2 ** 30 ? [bytes / 2 ** 30, 'GiB'] : [bytes / 2 ** 20, 'MiB']
  return `${size.toFixed(size < 100 ? 1 : 0)} ${unit}`
}

function count(n: number): string {
  if (n >= 1e9) return `${(n / 1e9).toFixed(1)} B`
  if (n >= 1e6) return `${(n / 1e6).toFixed(1)} M`
  return n >= 1e3 ? `${(n / 1e3).toFixed(0)} K` : String(n)
}
