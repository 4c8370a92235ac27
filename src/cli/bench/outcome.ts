import type { GpuUsage, Objective, RunReport } from '../../bench/index.ts'
import { significant } from '../table.ts'
import { marginOf } from './latency-table.ts'

/** Characters of an error that are shown. */
const MOST_SHOWN = 160

/** What came of the requests: rates, tokens, goodput, errors, what the card did. */
export function outcomeLines({ measures, gpu }: RunReport): readonly string[] {
  const { requests, tokens, goodput } = measures
  const rate = `${significant(requests.perSecond.value)} /s${plusMinus(marginOf(requests.perSecond))}`
  const lines = [
    `requests    ${requests.ok} of ${requests.offered} answered in ${significant(requests.seconds)} s, ${rate}`,
  ]
  if (requests.ok > 0) {
    const output = `${significant(tokens.outputPerSecond.value)} tok/s${plusMinus(marginOf(tokens.outputPerSecond))}`
    lines.push(
      `output      ${tokens.output} tokens, ${output}; ${significant(tokens.steadyPerSecond)} tok/s without the tail`,
      `prompts     ${tokens.prompt} tokens${cachedShare(tokens.prompt, tokens.cached)}; with the output ${significant(tokens.totalPerSecond.value)} tok/s`,
    )
  }
  if (tokens.multiTokenArrivals > 0) {
    lines.push(
      `arrivals    ${tokens.multiTokenArrivals} of ${tokens.arrivals} brought several tokens: a gap counts once`,
    )
  }
  if (tokens.oddLengths > 0) lines.push(`lengths     ${tokens.oddLengths} answers were not as long as asked for`)
  if (goodput !== null) {
    const bounds = goodput.objectives.map(describeObjective).join(', ')
    lines.push(
      `goodput     ${significant(goodput.perSecond)} /s, ${percent(goodput.share)} of those offered kept ${bounds}`,
    )
  }
  for (const [code, times] of Object.entries(requests.errors)) {
    lines.push(
      `failed      ${times} × ${code}: ${short(requests.examples[code as keyof typeof requests.examples] ?? '')}`,
    )
  }
  if (gpu !== null) lines.push(`GPU         ${describeGpu(gpu)}`)
  return lines
}

export function describeObjective({ measure, belowMs }: Objective): string {
  return `${measure}<${belowMs}ms`
}

export function describeGpu({
  cards,
  memoryBytes,
  utilisation,
  watts,
  joulesPerOutputToken,
  ofCeiling,
}: GpuUsage): string {
  return [
    cards.join(' + '),
    `${(memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    `${percent(utilisation)} busy`,
    `${Math.round(watts)} W`,
    ...(joulesPerOutputToken === null ? [] : [`${significant(joulesPerOutputToken)} J a token`]),
    ...(ofCeiling === null ? [] : [`${percent(ofCeiling.share)} of what its ${ofCeiling.bound} allow`]),
  ].join(', ')
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

/** What servers say may be a page. */
function short(words: string): string {
  return words.length > MOST_SHOWN ? `${words.slice(0, MOST_SHOWN)}…` : words
}

function cachedShare(prompt: number, cached: number): string {
  return cached > 0 && prompt > 0 ? ` (${percent(cached / prompt)} cached)` : ''
}

function plusMinus(margin: string): string {
  return margin === '' ? '' : ` ± ${margin}`
}
