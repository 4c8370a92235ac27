import { comparePair, PRESETS } from '../../bench/index.ts'
import type { Config } from '../config.ts'
import { EXIT, type ExitCode, UsageError } from '../exit.ts'
import type { World } from '../world.ts'
import { write } from '../write.ts'
import { exitCodeOf } from './compare.ts'
import { comparisonTable } from './comparison-table.ts'
import { underLoad } from './under-load.ts'

/** `warpline bench TARGET --pair TARGET2`: both in turns, and one beside the other. */
export async function benchPair(targets: readonly string[], config: Config, world: World): Promise<ExitCode> {
  const { margin, concurrency = [], rate = [], format } = config
  if (concurrency.length + rate.length > 1) throw new UsageError('bench: a pair is compared under one load')
  const { code, report } = await underLoad(PRESETS.pair!, { targets }, config, world)
  if (code !== EXIT.ok && code !== EXIT.failure) return code
  const comparison = comparePair(report, { ...(margin !== undefined && { margin }) })
  if (format === 'table') await write(world.stdout, `\n${comparisonTable(comparison, world)}`)
  return exitCodeOf(comparison)
}
