import { COMPARISON_EXITS, type Comparison, compareReports } from '../../bench/index.ts'
import type { Config } from '../config.ts'
import { type ExitCode, UsageError } from '../exit.ts'
import type { World } from '../world.ts'
import { write } from '../write.ts'
import { comparisonTable } from './comparison-table.ts'
import { readReportFile } from './report.ts'

/** `warpline bench compare A.json B.json…`: each word a side, of several reports where they are joined by commas. */
export async function benchCompare(config: Config, world: World, words: readonly string[]): Promise<ExitCode> {
  if (words.length === 0) throw new UsageError('bench compare: name two reports or more, e.g. before.json after.json')
  const read = (path: string) => readReportFile(path, world.cwd)
  const sides = await Promise.all(words.map(word => Promise.all(word.split(',').map(read))))
  const { margin } = config
  const comparison = compareReports(sides, { ...(margin !== undefined && { margin }) })
  await write(
    world.stdout,
    config.json ? `${JSON.stringify(comparison, null, 2)}\n` : comparisonTable(comparison, world),
  )
  return exitCodeOf(comparison)
}

export function exitCodeOf({ verdict }: Comparison): ExitCode {
  return COMPARISON_EXITS[verdict]
}
