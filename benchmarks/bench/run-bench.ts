import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchReport, RunReport } from '../../src/bench/report/bench-report.ts'
import type { Timeline, Timings } from '../../src/engine/index.ts'
import { warpline } from '../../test/process.ts'

/** A line of `--jsonl`, as far as it is looked at here. */
export interface Line {
  readonly phase: string
  readonly outcome: string
  readonly dueMs: number
  readonly sentMs: number
  readonly endMs: number
  /** The first after `dueMs`, each other after the one before it. */
  readonly arrivalsUs: readonly number[]
  readonly outputTokens: number
  readonly timings?: Timings
  readonly timeline?: Timeline
}

export interface Ran {
  readonly run: RunReport
  readonly runs: readonly RunReport[]
  /** Of all phases. */
  readonly lines: readonly Line[]
  /** Of those that are measured and succeeded. */
  readonly measured: readonly Line[]
}

/**
 * Runs the built `warpline bench` as anybody would, and reads what it leaves.
 *
 * @throws where it leaves no report
 */
export async function runBench(target: string, ...args: readonly string[]): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'warpline-bench-'))
  const [save, jsonl] = [join(folder, 'report.json'), join(folder, 'requests.jsonl')]
  try {
    await using bench = warpline(['bench', target, ...args, '--save', save, '--jsonl', jsonl])
    const { code, stderr } = await bench.ended
    // 1: it says of itself that the figures are not the target's.
    if (code !== 0 && code !== 1) throw new Error(`bench ${target} ${args.join(' ')} ended with ${code}: ${stderr}`)
    const { runs } = JSON.parse(readFileSync(save, 'utf8')) as BenchReport
    const lines = readFileSync(jsonl, 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Line)
    const measured = lines.filter(({ phase, outcome }) => phase === 'measure' && outcome === 'ok')
    return { run: runs[0]!, runs, lines, measured }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
