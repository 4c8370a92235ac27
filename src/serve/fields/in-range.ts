import type { NumberRange } from '../../engine/index.ts'
import { number } from './field-types.ts'

/**
 * A number and its range, for `/openapi.json`. Who refuses what lies outside is the engine, in the same words for all
 * of its callers.
 *
 * @example inRange(SAMPLING_RANGES.topP, 'Keeps the likeliest …') // {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
 */
export function inRange(range: NumberRange, description: string, more: Readonly<Record<string, unknown>> = {}) {
  return number.meta({ ...keywordsOf(range), description, ...more })
}

/** A range in the words of JSON Schema. */
export function keywordsOf({ min, max, integer, above }: NumberRange) {
  return {
    type: integer ? 'integer' : 'number',
    ...(above ? { exclusiveMinimum: min } : { minimum: min }),
    maximum: max,
  } as const
}
