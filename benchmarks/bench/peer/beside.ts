import { quantile, sum } from '../../../src/statistics/index.ts'
import type { Report } from '../../report.ts'
import { type Line, runBench } from '../run-bench.ts'

const REQUESTS = ['-p', '64', '--temperature', '0', '--warm-up', '2s', '--duration', '8s', '--no-calibrate']

/**
 * A run beside the server's own timings of the same requests. Its time of generation is from the first token to the last,
 * n − 1 steps (llama.cpp's `predicted_ms`; its `predicted_per_second` divides n by it).
 */
export async function beside(report: Report, name: string, url: string, args: readonly string[]): Promise<void> {
  const { run, measured } = await runBench(url, ...args, ...REQUESTS)
  const told = measured.filter(({ timings, outputTokens }) => timings && timings.decodeMs > 0 && outputTokens > 1)
  const ours = told.map(decodeMs)
  const theirs = told.map(({ timings }) => timings!.decodeMs)
  const off = (a: number, b: number) => 100 * Math.abs(a / b - 1)
  report.add(`${name}: requests that the server timed`, told.length, '', `${run.measures.requests.offered}`)
  report.add(`${name}: ms a token, ours`, median(told.map((line, i) => ours[i]! / gaps(line))), 'ms')
  report.add(
    `${name}: ms a token, off the server’s`,
    off(median(told.map((line, i) => ours[i]! / gaps(line))), median(told.map((line, i) => theirs[i]! / gaps(line)))),
    '%',
    '≤ 3',
  )
  report.add(`${name}: all generation, off the server’s`, off(sum(ours), sum(theirs)), '%', '≤ 3')
  const own = told.map(({ timings }) => timings!.queuedMs + timings!.prefillMs)
  report.add(`${name}: TTFT, ours`, median(told.map(ttftMs)), 'ms')
  report.add(
    `${name}: TTFT, beyond the server’s prompt time`,
    median(told.map((line, i) => ttftMs(line) - own[i]!)),
    'ms',
  )
  report.add(
    `${name}: first tokens before the server had them`,
    told.filter((line, i) => ttftMs(line) < own[i]!).length,
    '',
    '0',
  )
}

function ttftMs({ arrivalsUs }: Line): number {
  return arrivalsUs[0]! / 1000
}

/** From the first text to the last. */
function decodeMs({ arrivalsUs }: Line): number {
  return sum(arrivalsUs.slice(1)) / 1000
}

function gaps({ outputTokens }: Line): number {
  return outputTokens - 1
}

function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5)
}
