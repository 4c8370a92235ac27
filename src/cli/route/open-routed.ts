import type { PromptTokenizer, Router, RoutingTable } from '../../route/index.ts'
import { modelDirectory } from '../../targets.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { Config } from '../config.ts'
import { engineOptions } from '../target.ts'
import type { World } from '../world.ts'

/** Opens the engines that a table names as one; resolves when the first of them is there. */
export async function openRouted(config: Config, table: RoutingTable, world: World, logger: Logger): Promise<Router> {
  const { openRouter } = await import('../../route/index.ts')
  const { hedgeAfter, firstTokenTimeout, stallTimeout } = config
  const tokenizer = config.tokenizer === undefined ? undefined : await openTokenizer(config.tokenizer)
  return await openRouter({
    ...table,
    open: ({ url, model, apiKeyFile }) =>
      world.openTarget(url, {
        ...engineOptions(config),
        remote: { ...(model !== undefined && { model }), ...(apiKeyFile !== undefined && { apiKeyFile }), retries: 0 },
      }),
    policy: config.policy,
    retries: config.reroutes,
    failover: config.failover,
    logger,
    ...(tokenizer && { tokenizer }),
    ...(hedgeAfter !== undefined && { hedgeAfterMs: hedgeAfter * 1000 }),
    ...(firstTokenTimeout !== undefined && { firstTokenTimeoutMs: firstTokenTimeout * 1000 }),
    ...(stallTimeout !== undefined && { stallTimeoutMs: stallTimeout * 1000 }),
  })
}

async function openTokenizer(model: string): Promise<PromptTokenizer> {
  const { openPromptEncoder } = await import('../../native/index.ts')
  return await openPromptEncoder(modelDirectory(model))
}
