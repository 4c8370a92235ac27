import type { Clock } from '../clock/index.ts'
import { type EngineInfo, InvalidTargetError } from '../engine/index.ts'
import { type Logger, noLogger } from '../telemetry/index.ts'
import { ModelTable, servedModels } from './models.ts'
import type { ModelRoute, RouterOptions, RoutingTable } from './router.ts'
import { type NamedSpec, namedSpecs } from './specs.ts'
import { type SlotHost, UpstreamSlot } from './upstream-slot.ts'

/** The engines behind a router, and which model's name leads to which. */
export class Upstreams implements SlotHost, Iterable<UpstreamSlot> {
  readonly open: RouterOptions['open']
  readonly breaker: RouterOptions['breaker']
  readonly health: RouterOptions['health']
  readonly logger: Logger
  /** When the first engine is there; rejects where a URL names none. */
  readonly opened: Promise<void>
  models: ModelTable
  #told: RoutingTable['models']
  /** In the table's order; those that are going come last. */
  #slots = new Map<string, UpstreamSlot>()
  readonly #going = new Set<UpstreamSlot>()
  /** By the model's name, until something changes: each request asks several times. */
  readonly #infos = new Map<string | undefined, readonly EngineInfo[]>()
  #settle: { resolve: () => void; reject: (error: unknown) => void } | undefined

  /** @throws InvalidTargetError */
  constructor(
    options: RouterOptions,
    readonly clock: Clock,
    private readonly forgetName: (name: string) => void,
    private readonly onChange: () => void,
  ) {
    this.open = options.open
    this.breaker = options.breaker
    this.health = options.health
    this.logger = options.logger ?? noLogger
    this.models = new ModelTable([])
    if (options.upstreams.length === 0) throw new InvalidTargetError('a router needs an upstream: name at least one')
    this.opened = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.reload(options)
  }

  *[Symbol.iterator](): Iterator<UpstreamSlot> {
    yield* this.#slots.values()
    yield* this.#going
  }

  get(name: string): UpstreamSlot | undefined {
    return this.#slots.get(name)
  }

  /** Upstreams of a model, by its name or alias. Default: of the first. */
  serving(model = this.models.names[0]): readonly UpstreamSlot[] {
    const route = model === undefined ? undefined : this.models.route(model)
    return (route?.upstreams ?? []).flatMap(({ name }) => this.#slots.get(name) ?? [])
  }

  /** What is known of the engines that serve a model by this name. */
  infosOf(model: string | undefined): readonly EngineInfo[] {
    let infos = this.#infos.get(model)
    if (infos === undefined) {
      infos = this.serving(model).flatMap(({ info }) => info ?? [])
      // Anybody may ask for any name.
      if (infos.length > 0) this.#infos.set(model, infos)
    }
    return infos
  }

  /** Engines of the first model that can be asked now. */
  readyOfDefault(): readonly UpstreamSlot[] {
    return this.serving().filter(({ isReady }) => isReady)
  }

  /** Each with its phase, for messages. */
  describe(slots: Iterable<UpstreamSlot> = this): string {
    const told = Array.from(slots, ({ name, status: { phase, reason } }) =>
      reason === undefined ? `${name} is ${phase}` : `${name} is ${phase} (${reason})`,
    )
    return told.join(', ') || 'there are none'
  }

  /**
   * Nothing changes where the table is refused.
   *
   * @throws InvalidTargetError
   */
  reload({ upstreams, models }: RoutingTable): void {
    const specs = namedSpecs(upstreams)
    if (models !== undefined) checkNames(models, specs)
    const table = models && new ModelTable(models)
    const slots = new Map<string, UpstreamSlot>()
    for (const spec of specs) {
      const known = this.#slots.get(spec.name)
      if (known !== undefined && isSame(known.spec, spec)) {
        known.spec = spec
        slots.set(spec.name, known)
      } else slots.set(spec.name, new UpstreamSlot(spec, this))
    }
    const old = this.#slots
    this.#slots = slots
    this.#told = models
    this.models = table ?? this.#served()
    this.#infos.clear()
    for (const [name, slot] of old) if (slots.get(name) !== slot) this.#drain(slot)
    for (const [name, slot] of slots) if (old.get(name) !== slot) void slot.open()
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this, slot => slot.close()))
  }

  changed(): void {
    this.#infos.clear()
    if (this.#told === undefined) this.models = this.#served()
    const invalid = Array.from(this).find(({ invalid }) => invalid !== undefined)?.invalid
    if (invalid !== undefined) this.#settle!.reject(invalid)
    else if (Array.from(this).some(({ isReady }) => isReady)) this.#settle!.resolve()
    this.onChange()
  }

  forget({ name }: UpstreamSlot): void {
    this.forgetName(name)
  }

  gone(slot: UpstreamSlot): void {
    this.#going.delete(slot)
  }

  #drain(slot: UpstreamSlot): void {
    this.#going.add(slot)
    this.forgetName(slot.name)
    slot.drain()
  }

  #served(): ModelTable {
    const served = Array.from(this.#slots.values(), ({ name, models }) => ({ name, models }))
    return new ModelTable(servedModels(served))
  }
}

/** @throws InvalidTargetError */
function checkNames(models: readonly ModelRoute[], specs: readonly NamedSpec[]): void {
  const names = new Set(specs.map(({ name }) => name))
  for (const { name: model, upstreams } of models)
    for (const { name } of upstreams)
      if (!names.has(name))
        throw new InvalidTargetError(`the model ${model} is to be served by ${name}, which is no upstream`)
}

/** The same engine, though perhaps with another share. */
function isSame(a: NamedSpec, b: NamedSpec): boolean {
  return a.url === b.url && a.model === b.model && a.apiKeyFile === b.apiKeyFile
}
