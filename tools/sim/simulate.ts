import { createHash } from 'node:crypto'
import { type Clock, VirtualClock } from '../../src/clock/index.ts'
import type { Engine } from '../../src/engine/index.ts'
import { openRouter, type Router, type RoutingTable } from '../../src/route/index.ts'
import { FaultyMachine } from '../../src/route/testing/faulty-engine.ts'
import { Random } from '../../src/statistics/index.ts'
import { leftovers, unused } from './aftermath.ts'
import { faultsOf, type Terms } from './checks.ts'
import { type Outcome, runClient } from './client.ts'
import { CountingClock } from './counting-clock.ts'
import { arrangeFaults, planFaults } from './faults.ts'
import { type References, referencesOf } from './references.ts'
import { FAULTS_MS, nameOf, type Setting, settingOf } from './setting.ts'
import { planWorkload } from './workload.ts'

export interface Run {
  readonly seed: number
  /** What did not hold; empty of a good run. */
  readonly faults: readonly string[]
  /** All that happened, with the time of each. */
  readonly log: readonly string[]
  /** Of the log: the same seed gives the same. */
  readonly digest: string
  readonly counts: Readonly<Record<string, number>>
  /** Simulated. */
  readonly ms: number
}

/** Within so much simulated time after the last arrival, all must have ended: the longest answers take 48 s, anew after a fault. */
const CALM_MS = 180_000
/** By then breakers, which wait 16 s at most, try again, and engines that were lost are opened anew. */
const RECOVERY_MS = 30_000
const STEP_MS = 250

/**
 * One run: engines, clients and faults of this seed around a router, and what did not hold of it. `spoil`: makes a router one
 * that breaks its promises, to see whether that is found.
 */
export async function simulate(seed: number, spoil: (router: Router) => Router = router => router): Promise<Run> {
  const world = new VirtualClock()
  const clock = new CountingClock(world)
  const log: string[] = []
  const say = (line: string) => log.push(`${world.now().toFixed(3)} ${line}`)
  const setting = settingOf(new Random(seed, 1))
  const machines = setting.machines.map(options => new FaultyMachine({ ...options, clock }))
  const workload = planWorkload(new Random(seed, 2), setting)
  const references = await referencesOf(workload)
  say(`${machines.length} engines, ${JSON.stringify({ ...setting, machines: undefined })}`)

  for (const [i, { upAt }] of setting.machines.entries()) {
    if (upAt === 0) continue
    machines[i]!.crash()
    clock.at(upAt, () => machines[i]!.restart())
  }
  const router = spoil(await opened(world, routerOf(setting, machines, references, clock, seed)))
  const planned = planFaults(new Random(seed, 3), machines.length, setting.steady, world.now() + 1, FAULTS_MS)
  const free = planned.filter(({ machine, at }) => at > setting.machines[machine]!.upAt)
  arrangeFaults(free, machines, new Random(seed, 4), clock, say)
  for (const { at, machines } of setting.reloads)
    clock.at(at, () => {
      if (router.health().status === 'closed') return
      say(`the table has ${machines.map(nameOf)}`)
      router.reload(tableOf(setting, machines))
    })
  if (setting.closesAt !== undefined)
    clock.at(setting.closesAt, () => {
      say('the router is closed')
      void router.close()
    })

  const outcomes: Outcome[] = []
  const clients = workload.map(planned => runClient(router, planned, clock, say).then(it => outcomes.push(it)))
  const ejections = new Set<string>()
  const watch = () => {
    for (const { name, phase, reason } of router.upstreams())
      if (phase === 'ejected') ejections.add(`${name}: ${reason}`)
    return outcomes.length === clients.length
  }
  await advanceUntil(world, watch, FAULTS_MS + 1, workload.at(-1)!.at + CALM_MS)
  const faults = workload
    .filter(planned => !outcomes.some(outcome => outcome.planned === planned))
    .map(({ id }) => `#${id}: has not ended`)
  const terms = termsOf(setting)
  for (const outcome of outcomes) faults.push(...faultsOf(outcome, references.answerTo(outcome.planned), terms))
  faults.push(...leftovers(router, machines))

  if (setting.closesAt === undefined) {
    await world.advance(RECOVERY_MS)
    faults.push(...(await unused(router, machines.length, world)))
    await router.close()
  }
  await world.advance(0)
  faults.push(...leftovers(router, machines))
  for (const machine of machines) await machine.inner.close()
  await world.advance(0)
  if (clock.set > 0) faults.push(`${clock.set} alarms are still set`)

  const digest = createHash('sha256').update(log.join('\n')).digest('hex').slice(0, 16)
  return { seed, faults, log, digest, counts: countsOf(outcomes, router, ejections), ms: world.now() }
}

function routerOf(
  setting: Setting,
  machines: readonly FaultyMachine[],
  references: References,
  clock: Clock,
  seed: number,
): Promise<Router> {
  const all = machines.map((_, i) => i)
  return openRouter({
    ...setting.router,
    ...tableOf(setting, all),
    open: async ({ url }): Promise<Engine> => {
      const machine = Number(url.slice('mock:?'.length))
      const { connectMs } = setting.machines[machine]!
      if (connectMs > 0) await new Promise<void>(resolve => clock.at(clock.now() + connectMs, resolve))
      return await machines[machine]!.connect()
    },
    clock,
    seed,
    ...(setting.knowsVocabulary && { tokenizer: { encode: input => references.promptOf(input) } }),
  })
}

/** Models are told of those alone that are in the table. */
function tableOf({ models }: Setting, machines: readonly number[]): RoutingTable {
  const upstreams = machines.map(i => ({ name: nameOf(i), url: `mock:?${i}`, maxInFlight: 64 }))
  if (models === undefined) return { upstreams }
  const left = models.flatMap(model => {
    const there = model.upstreams.filter(({ name }) => upstreams.some(upstream => upstream.name === name))
    return there.length > 0 ? [{ ...model, upstreams: there }] : []
  })
  const names = new Set(left.map(({ name }) => name))
  return {
    upstreams,
    models: left.map(({ fallbacks = [], ...model }) => ({
      ...model,
      fallbacks: fallbacks.filter(name => names.has(name)),
    })),
  }
}

/** Its first engine may be a while in coming. */
async function opened(world: VirtualClock, opening: Promise<Router>): Promise<Router> {
  let router: Router | undefined
  const coming = opening.then(it => (router = it))
  while (router === undefined) await world.advance(STEP_MS)
  return coming
}

async function advanceUntil(world: VirtualClock, isOver: () => boolean, least: number, most: number): Promise<void> {
  while (world.now() < most && (world.now() < least || !isOver())) await world.advance(STEP_MS)
}

function termsOf({ steady, machines, models, router, hidesIds, closesAt, reloads }: Setting): Terms {
  const model = steady === undefined ? undefined : machines[steady]!.model
  return {
    isOneWell: (given, begun) => {
      if (model === undefined) return false
      const asked = given === undefined || given === 'latest' ? 'large' : given
      if (models === undefined || asked === model) return true
      // The fallback takes what was not begun elsewhere; not where the table had lost it, or knew nothing of who asked.
      return model === 'small' && !begun && reloads.length === 0
    },
    models: models === undefined ? undefined : new Set(models.flatMap(({ name, aliases = [] }) => [name, ...aliases])),
    tableChanges: reloads.length > 0,
    closesAt,
    failover: router.failover ?? true,
    hidesIds,
    slackMs: 1,
  }
}

/** How requests ended, and how often the router did what it is there for. */
function countsOf(
  outcomes: readonly Outcome[],
  router: Router,
  ejections: ReadonlySet<string>,
): Record<string, number> {
  const counts: Record<string, number> = {}
  const add = (name: string, count = 1) => {
    counts[name] = (counts[name] ?? 0) + count
  }
  for (const { how, code = how } of outcomes) add(code)
  for (const ejection of ejections) add(`ejected: ${ejection.split(': ')[1]}`)
  for (const { name, collect } of router.families) {
    const what = /^warpline_router_(retries|failovers|hedges|requests)_total$/.exec(name)?.[1]
    if (what === undefined) continue
    for (const sample of collect()) {
      if (!('value' in sample)) continue
      const { outcome, ...labels } = sample.labels ?? {}
      if (what !== 'requests') add(`${what}: ${Object.values(labels).join()}`, sample.value)
      else if (/timeout|differs/.test(outcome ?? '')) add(`given up: ${outcome}`, sample.value)
    }
  }
  return counts
}
