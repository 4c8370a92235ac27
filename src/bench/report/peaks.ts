import type { Samples, Series } from './bench-report.ts'

/** The most answered requests that were under way at once, from when each was due to its end. */
export function peakConcurrency({ due, e2e }: Pick<Samples, 'due' | 'e2e'>): number {
  const begins = Float64Array.from(due).sort()
  const ends = Float64Array.from(due, (dueMs, i) => dueMs + e2e[i]!).sort()
  let ended = 0
  let most = 0
  for (const [i, begin] of begins.entries()) {
    while (ends[ended]! <= begin) ended++
    most = Math.max(most, i + 1 - ended)
  }
  return most
}

/** The most tokens of any one second; of any one bucket's mean where buckets are longer. */
export function peakTokensPerSecond({ seconds, outputTokensPerSecond }: Series): number {
  const width = seconds[0] ?? 1
  const together = Math.max(1, Math.round(1 / width))
  let most = 0
  for (let i = 0; i < outputTokensPerSecond.length; i += together) {
    const part = outputTokensPerSecond.slice(i, i + together)
    most = Math.max(most, part.reduce((sum, rate) => sum + rate, 0) / together)
  }
  return most
}
