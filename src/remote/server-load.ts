import type { EngineLoad } from '../engine/index.ts'
import { type ParsedFamily, parseExposition } from '../telemetry/index.ts'
import type { Connection } from './connection.ts'
import type { LoadMetrics } from './dialect.ts'

/** A router asks again before long: who takes longer is as good as silent. */
const PATIENCE_MS = 2000

/** What a server's `/metrics` says of all that it does, whoever asked for it; undefined where it does not say. */
export async function serverLoad(
  connection: Connection,
  { running, waiting }: LoadMetrics,
): Promise<EngineLoad | undefined> {
  try {
    const { status, text } = await connection.ask('/metrics', undefined, PATIENCE_MS)
    if (status !== 200) return undefined
    // Of hundreds of lines these two are wanted, and what others break of the format is no matter here.
    const told = text.split('\n').filter(line => line.startsWith(running) || line.startsWith(waiting))
    const families = parseExposition(`${told.join('\n')}\n`)
    const runs = sumOf(families.get(running))
    return runs === undefined ? undefined : { running: runs, waiting: sumOf(families.get(waiting)) ?? 0 }
  } catch {
    return undefined
  }
}

/** Over all labels, as of a server with several engines. */
function sumOf(family: ParsedFamily | undefined): number | undefined {
  let sum: number | undefined
  for (const sample of family?.samples ?? [])
    if ('value' in sample && Number.isFinite(sample.value)) sum = (sum ?? 0) + sample.value
  return sum
}
