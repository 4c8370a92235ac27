import { expect, test } from 'vitest'
import { modelShape, type ShapeName, shapeNames } from './shapes.ts'
import { countParameters, planWeights } from './weight-plan.ts'

/** As their authors count them. */
const PUBLISHED: Readonly<Record<ShapeName, number>> = {
  'llama-2-7b': 6_738_415_616,
  'llama-2-13b': 13_015_864_320,
  'llama-2-70b': 68_976_648_192,
  'mistral-7b': 7_241_732_096,
  'llama-3.1-8b': 8_030_261_248,
  'qwen3-0.6b': 596_049_920,
  'gemma-3-1b': 999_885_952,
}

test.each(shapeNames)('%s has the published number of parameters', name => {
  expect(countParameters(planWeights(modelShape(name)))).toBe(PUBLISHED[name])
})

test('windows and rotations are the published ones', () => {
  const gemma = modelShape('gemma-3-1b')
  expect(gemma.layers.map(({ window }) => window ?? 0).slice(0, 7)).toEqual([512, 512, 512, 512, 512, 0, 512])
  expect(new Set(modelShape('mistral-7b').layers.map(({ window }) => window))).toEqual(new Set([4096]))
  expect(modelShape('llama-3.1-8b').ropes).toMatchObject([{ type: 'llama3', originalContext: 8192 }])
})
