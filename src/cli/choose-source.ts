import type { Logger } from '../telemetry/index.ts'
import type { Config } from './config.ts'
import type { EngineSource } from './engine-source.ts'
import { UsageError } from './exit.ts'
import { flagOf } from './options.ts'
import { RouterSource } from './route/router-source.ts'
import { readRoutingTable } from './route/routing-table.ts'
import { mayUseGpu, openChosen } from './target.ts'
import type { World } from './world.ts'

/** One target, or a router over many. @throws UsageError */
export async function chooseSource(config: Config, world: World, logger: Logger): Promise<EngineSource> {
  const table = await readRoutingTable(config, world)
  if (table === undefined) {
    // A GPU that was lost opens again in a new process alone.
    const isolated = config.onEngineFailure === 'restart' && mayUseGpu(config)
    return { open: () => openChosen(config, world, { isolated }), families: () => [], reload: async () => {} }
  }
  if (config.target !== undefined)
    throw new UsageError(`a TARGET and ${flagOf('upstream')} or ${flagOf('routes')} exclude each other`)
  return new RouterSource(config, table, world, logger)
}
