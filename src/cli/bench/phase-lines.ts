import type { RunReport } from '../../bench/index.ts'
import { significant, table } from '../table.ts'
import type { Place } from '../world.ts'

/** Where the time to the first token went; nothing of targets that do not tell. */
export function phaseLines({ phases }: RunReport, place: Place): readonly string[] {
  if (phases === null || phases.requests === 0) return []
  const whole = phases.phases.reduce((sum, { meanMs }) => sum + meanMs, 0)
  // Exactly nothing is what a target says that does not know.
  const known = phases.phases.filter(({ meanMs }) => meanMs !== 0)
  const rows = known.map(({ name, meanMs, p50Ms }) => [
    name,
    significant(meanMs),
    significant(p50Ms),
    whole > 0 ? `${((100 * meanMs) / whole).toFixed(1)} %` : '',
  ])
  return table(['TTFT, where it went', 'mean ms', 'p50 ms', 'share'], rows, 'lrrr', place)
}
