import { describe, expect, it } from 'vitest'
import { modelShape } from '../model/shapes.ts'
import { advise } from './advice.ts'
import { fitBounds, type OpenBound } from './fit-bounds.ts'
import { type MemoryRequest, memoryPlan } from './memory-plan.ts'

const GIB = 2 ** 30

/** What an engine asks for that nobody has told anything. */
const asked: MemoryRequest = {
  config: modelShape('gemma-3-1b'),
  storage: 'int8',
  activationType: 'bf16',
  kvType: 'bf16',
  maxTokens: 2048,
  maxSequences: 256,
  contextLength: 8192,
  budgetBytes: GIB,
}
const all: readonly OpenBound[] = ['contextLength', 'maxTokens', 'maxSequences']

const bounds = (request: MemoryRequest | undefined) =>
  request && [request.contextLength, request.maxTokens, request.maxSequences]

describe('fitBounds', () => {
  it('leaves what fits as it is', () => {
    expect(bounds(fitBounds({ ...asked, budgetBytes: 80 * GIB }, new Set(all)))).toEqual([8192, 2048, 256])
  })

  it('finds room for a billion weights in 1 GiB', () => {
    const fitted = fitBounds(asked, new Set(all))!
    expect(bounds(fitted)).toMatchInlineSnapshot(`
      [
        1024,
        256,
        4,
      ]
    `)
    expect(memoryPlan(fitted).fits).toBe(true)
    expect(memoryPlan({ ...asked, contextLength: 1024, maxTokens: 256, maxSequences: 2 }).fits).toBe(true)
  })

  it.each(all)('never lowers what was asked for: %s', fixed => {
    const open = new Set(all.filter(bound => bound !== fixed))
    const fitted = fitBounds({ ...asked, budgetBytes: 1.5 * GIB }, open)
    expect(fitted![fixed]).toBe(asked[fixed])
    expect(memoryPlan(fitted!).fits).toBe(true)
    expect(bounds(fitted)).not.toEqual(bounds(asked))
  })

  it('gives up where nothing helps', () => {
    expect(fitBounds({ ...asked, budgetBytes: GIB / 2 }, new Set(all))).toBeUndefined()
    expect(fitBounds(asked, new Set())).toBeUndefined()
  })
})

it('advises several bounds at once where no single one suffices', () => {
  const options = advise({ ...asked, maxSequences: 2 }).map(({ option, plan }) => `${option}: ${plan.fits}`)
  expect(options).toMatchInlineSnapshot(`
    [
      "--tp 4: true",
      "--context 1024 --token-budget 256: true",
      "--kv-type fp8: false",
    ]
  `)
})
