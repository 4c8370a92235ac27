import type { Router, RoutingTable } from '../../route/index.ts'
import type { Family, Logger } from '../../telemetry/index.ts'
import type { Config } from '../config.ts'
import type { EngineSource } from '../engine-source.ts'
import type { World } from '../world.ts'
import { openRouted } from './open-routed.ts'
import { readRoutingTable } from './routing-table.ts'

/** A router, whose table is read again on the way. */
export class RouterSource implements EngineSource {
  #router: Router | undefined

  constructor(
    private readonly config: Config,
    private table: RoutingTable,
    private readonly world: World,
    private readonly logger: Logger,
  ) {}

  async open(): Promise<Router> {
    this.#router = await openRouted(this.config, this.table, this.world, this.logger)
    return this.#router
  }

  families(): readonly Family[] {
    return this.#router?.families ?? []
  }

  async reload(): Promise<void> {
    if (this.config.routes === undefined) return
    const table = (await readRoutingTable(this.config, this.world))!
    this.#router?.reload(table)
    this.table = table
  }
}
