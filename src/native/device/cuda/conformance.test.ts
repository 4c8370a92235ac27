import { afterAll, describe, expect, it } from 'vitest'
import { casesFor } from '../testing/cases.ts'
import { errorOf, toleranceOf } from '../testing/conformance.ts'
import { testCard } from './testing/test-card.ts'

const card = testCard()

/** What a case's operations are run with. */
const SETTINGS = (['f32', 'bf16', 'f16'] as const).flatMap(activationType =>
  [false, true].map(batchInvariant => ({ activationType, batchInvariant })),
)
type Settings = (typeof SETTINGS)[number]

/**
 * Of how many cases the emulated card runs one, of operations whose kernels these settings choose and of all others; a
 * GPU runs all. The steps are prime to the lengths of the lists, so every storage and every shape has its turn.
 */
const EMULATED = new Map<string, { readonly chosen: number; readonly others: number }>([
  ['f32', { chosen: 3, others: 1 }],
  ['bf16', { chosen: 3, others: 1 }],
  ['bf16 invariant', { chosen: 3, others: Number.POSITIVE_INFINITY }],
  ['f16', { chosen: 7, others: Number.POSITIVE_INFINITY }],
])
const CHOSEN = /^(linear|attention|a layer)/

function nameOf({ activationType, batchInvariant }: Settings): string {
  return `${activationType}${batchInvariant ? ' invariant' : ''}`
}

function casesOn(settings: Settings, cases: ReturnType<typeof casesFor>) {
  const share = card?.emulated ? EMULATED.get(nameOf(settings)) : undefined
  if (share === undefined) return cases
  return cases.filter(({ name, seed }) => {
    // Logits are f32, whatever the rest is.
    if (name.startsWith('sample') && settings.activationType !== 'f32') return false
    return seed % (CHOSEN.test(name) ? share.chosen : share.others) === 0
  })
}

describe.skipIf(card === undefined)(`CUDA against the reference, on ${card?.name ?? 'no GPU'}`, () => {
  const settings = SETTINGS.filter(each => card?.emulated !== true || EMULATED.has(nameOf(each)))
  describe.each(settings)('$activationType, batch-invariant: $batchInvariant', async settings => {
    if (card === undefined) return
    const device = await card.open(settings)
    afterAll(() => device[Symbol.asyncDispose]())

    it.each(casesOn(settings, casesFor(device)))('$name', async deviceCase => {
      expect(await errorOf(device, deviceCase, deviceCase.seed)).toBeLessThanOrEqual(toleranceOf(device, deviceCase))
    })
  })
})
