import { describe, expect, it } from 'vitest'
import type { StepRunner } from '../../../loop.ts'
import { stepInputs } from '../../../step-inputs.ts'
import { LETTERS, letterVocabulary } from '../../../testing/letters.ts'
import { answers, build, drain, job, ROOMY } from '../../../testing/schedules.ts'
import { testCard } from '../testing/test-card.ts'

const card = testCard()

/** After this token nothing is finite. */
const POISON = 13

describe.skipIf(card === undefined)(`logits that are not finite, on ${card?.name ?? 'no GPU'}`, () => {
  it.each([1, 2] as const)('end their own request and no other, %i in flight', async depth => {
    await using device = await card!.open({ activationType: 'f32' })
    // A model of one table: after token t comes t + 1, more or less.
    const table = device.allocateWeight(LETTERS, LETTERS, 'f32')
    const values = Float32Array.from({ length: LETTERS ** 2 }, (_, i) => {
      const [token, next] = [Math.floor(i / LETTERS), i % LETTERS]
      return token === POISON ? Number.NaN : next === (token % (LETTERS - 1)) + 1 ? 9 : 0
    })
    device.uploadWeight(table, 0, values)
    const { tokenBudget, maxSequences } = ROOMY
    const embedded = device.allocate([tokenBudget, LETTERS], 'f32', 'activations')
    const logits = device.allocate([maxSequences, LETTERS], 'f32', 'activations')
    const program = (_: number, rows: number) => {
      device.embed(embedded, table, 1)
      if (rows > 0) device.gather(logits, embedded)
      return logits
    }
    const limits = { tokens: tokenBudget, sequences: maxSequences, logitRows: maxSequences, contextLength: 64 }
    await device.prepare(program, limits)
    device.seal()
    const runner: StepRunner = { run: (plan, rows) => device.run(stepInputs(plan), rows, program) }
    const { loop } = build(ROOMY, runner, letterVocabulary(), depth)
    const sampling = { temperature: 0, maxTokens: 9, ignoreEos: true, logprobs: true }
    for (const [id, first] of [1, POISON - 3, 30, POISON, 50].entries()) loop.submit(job(id, [first], sampling))
    const outcomes = await drain(loop)
    const failed = outcomes.flatMap(outcome => ('failure' in outcome ? [outcome] : []))
    expect(failed.map(({ job }) => job).sort()).toEqual([1, 3])
    expect(failed[0]!.failure.message).toBe('the model gave no finite logit for this request')
    for (const [id, first] of [
      [0, 1],
      [2, 30],
      [4, 50],
    ] as const) {
      expect(answers(outcomes, id).choices![0]!.ids).toEqual(Array.from({ length: 9 }, (_, i) => first + 1 + i))
    }
  })
})
