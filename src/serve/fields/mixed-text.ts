import { ContextLengthError, type Engine, InvalidRequestError } from '../../engine/index.ts'
import { inClientsWords } from './sampling-fields.ts'

/** Texts and token ids in turn, as llama.cpp takes them; a single text, too. */
export type MixedText = string | readonly unknown[]

/**
 * The token ids of such a text. Special tokens are added before a text that comes first, if at all; empty texts within a
 * list are nothing.
 *
 * @throws InvalidRequestError with a place in `field`; ContextLengthError once there are sure to be more than `limit` ids
 */
export async function encodeMixed(
  engine: Engine,
  mixed: MixedText,
  field: string,
  addSpecialTokens: boolean,
  limit = Number.POSITIVE_INFINITY,
): Promise<readonly number[]> {
  if (typeof mixed === 'string') return encode(engine, mixed, field, addSpecialTokens, limit)
  const ids: number[] = []
  for (let i = 0; i < mixed.length; i++) {
    const part = mixed[i]
    if (typeof part === 'number') ids.push(checked(part, `${field}[${i}]`, engine))
    else if (typeof part !== 'string') throw refusal(`${field}[${i}]`, 'must be a string or a token id')
    else if (part !== '')
      for (const id of await encode(engine, part, `${field}[${i}]`, addSpecialTokens && i === 0, limit)) ids.push(id)
    if (ids.length > limit) throw new ContextLengthError(ids.length, engine.info.contextLength, false)
  }
  return ids
}

async function encode(engine: Engine, text: string, field: string, addSpecialTokens: boolean, limit: number) {
  try {
    return await engine.tokenize({ text, addSpecialTokens }, { limit })
  } catch (error) {
    throw inClientsWords(error, field)
  }
}

function checked(id: number, field: string, { info }: Engine): number {
  const inRange = Number.isInteger(id) && id >= 0 && (id < info.vocabSize || info.vocabSize === 0)
  if (inRange) return id
  throw refusal(field, `must be a token id from 0 to ${info.vocabSize - 1}, got ${id}`)
}

function refusal(field: string, complaint: string): InvalidRequestError {
  return new InvalidRequestError(`${field} ${complaint}`, field)
}
