import { VirtualClock } from '../../src/clock/index.ts'
import { type Collected, collect, type Input } from '../../src/engine/index.ts'
import { createMockEngine } from '../../src/mock/index.ts'
import { isRepeatable } from './checks.ts'
import { ALIKE } from './setting.ts'
import type { Planned } from './workload.ts'

/** What one engine makes of a workload that nothing befalls, with nobody between. */
export interface References {
  /** Of requests whose answers are the same wherever they are made. */
  answerTo(planned: Planned): Collected | undefined
  promptOf(input: Input): readonly number[]
}

export async function referencesOf(workload: readonly Planned[]): Promise<References> {
  const clock = new VirtualClock()
  const engine = createMockEngine({ ...ALIKE, ttftMs: 1, itlMs: 0, slots: workload.length, clock })
  const answers = new Map<Planned, Collected>()
  const prompts = new Map<Input, readonly number[]>()
  for (const { request } of workload) prompts.set(request.input, await engine.tokenize(request.input))
  const asked = workload.filter(isRepeatable).map(async planned => {
    answers.set(planned, await collect(engine.generate(planned.request)))
  })
  await clock.advance(10)
  await Promise.all(asked)
  await engine.close()
  return { answerTo: planned => answers.get(planned), promptOf: input => prompts.get(input) ?? [] }
}
