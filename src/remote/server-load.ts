import type { EngineLoad } from '../engine/index.ts'
import { type ParsedFamily, parseExposition } from '../telemetry/index.ts'
import type { Connection } from './connection.ts'
import type { LoadMetrics } from './dialect.ts'
import { countIn, type Json, jsonOf } from './reply.ts'

/** A router asks again before long: who takes longer is as good as silent. */
const PATIENCE_MS = 2000

/** What a server says of all that it does, whoever asked for it; undefined where it does not say. */
export async function serverLoad(
  connection: Connection,
  where: LoadMetrics | 'route',
): Promise<EngineLoad | undefined> {
  try {
    const { status, text } = await connection.ask(where === 'route' ? '/load' : '/metrics', undefined, PATIENCE_MS)
    if (status !== 200) return undefined
    return where === 'route' ? loadIn(jsonOf(text)) : loadOf(text, where)
  } catch {
    return undefined
  }
}

function loadIn(json: Json | undefined): EngineLoad | undefined {
  const running = countIn(json, 'running')
  return running === undefined ? undefined : { running, waiting: countIn(json, 'waiting') ?? 0 }
}

function loadOf(metrics: string, { running, waiting }: LoadMetrics): EngineLoad | undefined {
  // Of hundreds of lines these two are wanted, and what others break of the format is no matter here.
  const told = metrics.split('\n').filter(line => line.startsWith(running) || line.startsWith(waiting))
  const families = parseExposition(`${told.join('\n')}\n`)
  const runs = sumOf(families.get(running))
  return runs === undefined ? undefined : { running: runs, waiting: sumOf(families.get(waiting)) ?? 0 }
}

/** Over all labels, as of a server with several engines. */
function sumOf(family: ParsedFamily | undefined): number | undefined {
  let sum: number | undefined
  for (const sample of family?.samples ?? [])
    if ('value' in sample && Number.isFinite(sample.value)) sum = (sum ?? 0) + sample.value
  return sum
}
