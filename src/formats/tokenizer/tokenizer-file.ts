import { FormatError } from '../errors.ts'
import { type Json, type JsonLimits, type JsonObject, readJson } from '../json.ts'
import { isObject, JsonFields } from '../json-fields.ts'
import { quote } from '../quote.ts'
import type { AddedToken } from './added-tokens.ts'
import { whyExplosive } from './explosive.ts'

/** Gemma's tokenizer.json, the largest known, has 33 MB, 262 144 tokens and 2.1 million values. */
const LIMITS: JsonLimits = { maxBytes: 128 << 20, maxDepth: 32, maxValues: 10_000_000 }
/** Sixteen times the largest vocabulary known; ids index tables, so a huge one would take huge memory. */
export const GREATEST_ID = 2 ** 22 - 1
/** UTF-16 units; known vocabularies hold lines of a hundred dashes. */
const LONGEST_TOKEN = 4096
/** UTF-16 units; the longest known pattern has 400. */
const LONGEST_PATTERN = 4096

/** A checked `tokenizer.json`. */
export interface TokenizerFile {
  readonly path: string
  readonly root: JsonObject
  readonly model: JsonFields
  /** The model's own vocabulary, without added tokens. */
  readonly vocabulary: ReadonlyMap<string, number>
  /** All tokens by id, added ones included. */
  readonly tokens: readonly (string | undefined)[]
  readonly added: readonly AddedToken[]
  readonly normalizer: JsonFields | undefined
  readonly preTokenizer: JsonFields | undefined
  readonly postProcessor: JsonFields | undefined
  readonly decoder: JsonFields | undefined
}

/** @throws FormatError in one line that names the file, the field and what is wrong with it. */
export function readTokenizerFile(path: string): TokenizerFile {
  const fields = JsonFields.of(path, readJson(path, LIMITS))
  const model = fields.child('model') ?? fields.missing('model')
  const { vocabulary, tokens } = readVocabulary(model)
  const parts = {
    normalizer: fields.child('normalizer'),
    preTokenizer: fields.child('pre_tokenizer'),
    postProcessor: fields.child('post_processor'),
    decoder: fields.child('decoder'),
  }
  for (const part of Object.values(parts)) if (part !== undefined) checkPatterns(part, part.object)
  return { path, root: fields.object, model, vocabulary, tokens, added: readAdded(fields, tokens), ...parts }
}

function readVocabulary(model: JsonFields): Pick<TokenizerFile, 'vocabulary'> & { tokens: (string | undefined)[] } {
  const value = model.get('vocab')
  const vocabulary = new Map<string, number>()
  const tokens: (string | undefined)[] = []
  const add = (token: string, id: Json | undefined) => {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > GREATEST_ID)
      return model.fail('vocab', `gives ${quote(token)} an id that is not a whole number from 0 to ${GREATEST_ID}`)
    if (token.length > LONGEST_TOKEN) model.fail('vocab', `has a token of more than ${LONGEST_TOKEN} characters`)
    const other = tokens[id]
    if (other !== undefined) model.fail('vocab', `gives both ${quote(other)} and ${quote(token)} the id ${id}`)
    putToken(tokens, id, token)
    vocabulary.set(token, id)
  }
  // Unigram: [token, score], the id being the place. Some such files list a token twice; the first counts.
  if (Array.isArray(value))
    for (const [id, entry] of (value as readonly Json[]).entries()) {
      const token = Array.isArray(entry) ? (entry as readonly Json[])[0] : entry
      if (typeof token !== 'string') model.fail(`vocab[${id}]`, 'is not a token')
      else if (!vocabulary.has(token)) add(token, id)
    }
  else if (isObject(value)) for (const token in value) add(token, value[token])
  else model.fail('vocab', value === undefined ? 'is missing' : 'is not an object')
  return { vocabulary, tokens }
}

/** Grows the list without holes, which would turn a list of far apart ids into a slow dictionary. */
export function putToken(tokens: (string | undefined)[], id: number, token: string): void {
  while (tokens.length < id) tokens.push(undefined)
  tokens[id] = token
}

function readAdded(file: JsonFields, tokens: (string | undefined)[]): AddedToken[] {
  const value = file.get('added_tokens') ?? []
  if (!Array.isArray(value)) return file.fail('added_tokens', 'is not a list')
  return (value as readonly Json[]).map((entry, i) => {
    const fields = JsonFields.of(file.path, entry, `added_tokens[${i}].`)
    const token = readAddedToken(fields, fields.integer('id', { min: 0, max: GREATEST_ID }))
    const owner = tokens[token.id]
    if (owner !== undefined && owner !== token.content)
      fields.fail('id', `is ${token.id}, which the token ${quote(owner)} has already`)
    putToken(tokens, token.id, token.content)
    return token
  })
}

/** `fields` as in `added_tokens` here or in `added_tokens_decoder` of tokenizer_config.json. */
export function readAddedToken(fields: JsonFields, id: number): AddedToken {
  const content = fields.string('content')
  if (content.length > LONGEST_TOKEN) fields.fail('content', `is longer than ${LONGEST_TOKEN} characters`)
  const special = fields.boolean('special', false)
  return {
    id,
    content,
    special,
    normalized: fields.boolean('normalized', !special),
    singleWord: fields.boolean('single_word', false),
    lstrip: fields.boolean('lstrip', false),
    rstrip: fields.boolean('rstrip', false),
  }
}

/** Patterns stand anywhere under the parts: `{ "String": "…" }` or `{ "Regex": "…" }`. */
function checkPatterns(part: JsonFields, value: Json): void {
  if (Array.isArray(value)) for (const item of value as readonly Json[]) checkPatterns(part, item)
  if (!isObject(value)) return
  if (value.type === 'Split' || value.type === 'Replace') checkPattern(part, value.pattern ?? null)
  for (const key in value)
    if (key === 'pattern') checkPattern(part, value[key]!)
    else checkPatterns(part, value[key]!)
}

function checkPattern(part: JsonFields, pattern: Json): void {
  const { String: literal, Regex: regex } = isObject(pattern) ? pattern : {}
  if (typeof (regex ?? literal) !== 'string') throw new FormatError(part.path, 'a pattern is not a string')
  if (typeof regex !== 'string') return
  const reason = regex.length > LONGEST_PATTERN ? `has more than ${LONGEST_PATTERN} characters` : whyExplosive(regex)
  if (reason !== undefined) throw new FormatError(part.path, `the pattern ${quote(regex)} ${reason}`)
}
