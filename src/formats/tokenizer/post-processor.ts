import type { Json } from '../json.ts'
import { JsonFields } from '../json-fields.ts'
import { readSteps } from './normalizer.ts'
import { UnknownPart } from './oniguruma.ts'
import { GREATEST_ID } from './tokenizer-file.ts'

/** The ids that stand around every text. */
export interface Frame {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

const NONE: Frame = { before: [], after: [] }
const ANY_ID = { min: 0, max: GREATEST_ID }

/** @throws UnknownPart */
export function readPostProcessor(fields: JsonFields | undefined): Frame {
  if (fields === undefined) return NONE
  const type = fields.string('type')
  switch (type) {
    case 'ByteLevel':
      return NONE
    case 'TemplateProcessing':
      return readTemplate(fields)
    case 'BertProcessing':
    case 'RobertaProcessing':
      return { before: [readPaired(fields, 'cls')], after: [readPaired(fields, 'sep')] }
    case 'Sequence':
      return readSteps(fields, 'processors')
        .map(readPostProcessor)
        .reduce(
          (inner, outer) => ({
            before: [...outer.before, ...inner.before],
            after: [...inner.after, ...outer.after],
          }),
          NONE,
        )
    default:
      throw new UnknownPart(`the post-processor ${type}`)
  }
}

function readTemplate(fields: JsonFields): Frame {
  const frame: { before: number[]; after: number[] } = { before: [], after: [] }
  let side: 'before' | 'after' = 'before'
  for (const piece of readSteps(fields, 'single')) {
    const special = piece.child('SpecialToken')
    if (special === undefined) side = 'after'
    else frame[side].push(...specialIds(fields, special.string('id')))
  }
  if (side === 'before') fields.fail('single', 'has no place for the text')
  return frame
}

function specialIds(fields: JsonFields, name: string): readonly number[] {
  const token = fields.child('special_tokens')?.child(name)
  if (token === undefined) return fields.fail('single', 'names a token that "special_tokens" lacks')
  return token.integers('ids', ANY_ID)
}

/** `["<s>", 0]` */
function readPaired(fields: JsonFields, name: string): number {
  const pair = fields.get(name)
  const id = Array.isArray(pair) ? (pair as readonly Json[])[1] : undefined
  return new JsonFields(fields.path, { [name]: id ?? null }, fields.prefix).integer(name, ANY_ID)
}
