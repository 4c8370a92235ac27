import { afterAll, describe, expect, it } from 'vitest'
import { casesFor } from '../testing/cases.ts'
import { errorOf, toleranceOf } from '../testing/conformance.ts'
import { testCard } from './testing/test-card.ts'

const card = testCard()

/** What a case's operations are run with. */
const SETTINGS = (['f32', 'bf16', 'f16'] as const).flatMap(activationType =>
  [false, true].map(batchInvariant => ({ activationType, batchInvariant })),
)

describe.skipIf(card === undefined)(`CUDA against the reference, on ${card?.name ?? 'no GPU'}`, () => {
  describe.each(SETTINGS)('$activationType, batch-invariant: $batchInvariant', async settings => {
    if (card === undefined) return
    const device = await card.open(settings)
    afterAll(() => device[Symbol.asyncDispose]())

    it.each(casesFor(device))('$name', async deviceCase => {
      expect(await errorOf(device, deviceCase, deviceCase.seed)).toBeLessThanOrEqual(toleranceOf(device, deviceCase))
    })
  })
})
