import type { VirtualClock } from '../../src/clock/index.ts'
import { collect, type GenerateRequest } from '../../src/engine/index.ts'
import type { Router } from '../../src/route/index.ts'
import type { FaultyMachine } from '../../src/route/testing/faulty-engine.ts'
import { nameOf } from './setting.ts'

/** What should be gone when every request has ended. */
export function leftovers(router: Router, machines: readonly FaultyMachine[]): string[] {
  const { running, waiting, paused } = router.stats()
  const faults = running + waiting + paused > 0 ? [`the router still has ${running + waiting + paused} requests`] : []
  for (const family of router.families.filter(({ name }) => /in_flight/.test(name)))
    for (const sample of family.collect())
      if ('value' in sample && Math.abs(sample.value) > 1e-6)
        faults.push(`${family.name} of ${sample.labels?.upstream} is ${sample.value}`)
  for (const [i, { inner, streams }] of machines.entries()) {
    const { running, waiting, kvBlocksUsed } = inner.stats()
    if (running + waiting + kvBlocksUsed + streams > 0)
      faults.push(`${nameOf(i)} still has ${running} + ${waiting} requests, ${kvBlocksUsed} blocks, ${streams} streams`)
  }
  return faults
}

/** More than any breaker wants to see succeed before it closes. */
const PROBES = 3

/** After all faults every engine must be in use again, and trusted: each is asked by name. */
export async function unused(router: Router, machines: number, clock: VirtualClock): Promise<string[]> {
  const faults: string[] = []
  for (let machine = 0; machine < machines; machine++) {
    const upstream = nameOf(machine)
    for (let i = 0; i < PROBES; i++) {
      const outcome = await probe(router, upstream, clock)
      if (outcome !== 'answered') faults.push(`${upstream} is not in use again: ${outcome}`)
    }
  }
  for (const { collect } of router.families.filter(({ name }) => /breaker/.test(name)))
    for (const sample of collect())
      if ('value' in sample && sample.value !== 0) faults.push(`${sample.labels?.upstream} is not trusted again`)
  return faults
}

async function probe(router: Router, upstream: string, clock: VirtualClock): Promise<string> {
  const model = router.upstreams().find(({ name }) => name === upstream)?.model
  const request: GenerateRequest = {
    input: { tokens: [1] },
    sampling: { maxTokens: 1 },
    routing: { upstream, ...(model !== undefined && { model }) },
  }
  let outcome = 'no answer'
  collect(router.generate(request)).then(
    () => (outcome = 'answered'),
    error => (outcome = `${error}`),
  )
  await clock.advance(1000)
  return outcome
}
