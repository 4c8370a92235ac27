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

/** After all faults every engine must be in use again: each is asked by name. */
export async function unused(router: Router, machines: number, clock: VirtualClock): Promise<string[]> {
  const faults: string[] = []
  const models = new Map(router.upstreams().map(({ name, model }) => [name, model]))
  for (let machine = 0; machine < machines; machine++) {
    const upstream = nameOf(machine)
    const model = models.get(upstream)
    const request: GenerateRequest = {
      input: { tokens: [1] },
      sampling: { maxTokens: 1 },
      routing: { upstream, ...(model !== undefined && { model }) },
    }
    let outcome: string | undefined
    collect(router.generate(request)).then(
      () => (outcome = 'answered'),
      error => (outcome = `${error}`),
    )
    await clock.advance(1000)
    if (outcome !== 'answered') faults.push(`${upstream} is not in use again: ${outcome ?? 'no answer'}`)
  }
  return faults
}
