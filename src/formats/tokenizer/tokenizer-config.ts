import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Json, readJson } from '../json.ts'
import { JsonFields } from '../json-fields.ts'
import type { AddedToken } from './added-tokens.ts'
import { GREATEST_ID, readAddedToken } from './tokenizer-file.ts'

/**
 * What stands beside `tokenizer.json`; every file of it may be missing. `add_bos_token` and `add_eos_token` are not read:
 * the post-processor alone says what is added, as in transformers 5.
 */
export interface TokenizerConfig {
  readonly bos: string | undefined
  readonly eos: string | undefined
  /** Every token that some role names: BOS, EOS, padding and so on. */
  readonly named: readonly string[]
  readonly added: readonly AddedToken[]
  /** As generation_config.json has them. */
  readonly bosId: number | undefined
  readonly eosId: number | undefined
}

export const ROLES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token']
const ANY_ID = { min: 0, max: GREATEST_ID }

/** @throws FormatError */
export function readTokenizerConfig(directory: string): TokenizerConfig {
  const config = readFields(join(directory, 'tokenizer_config.json'))
  const map = readFields(join(directory, 'special_tokens_map.json'))
  const generation = readFields(join(directory, 'generation_config.json'))
  const role = (name: string) => readToken(config, name) ?? readToken(map, name)
  const more = ['additional_special_tokens', 'extra_special_tokens'].flatMap(name => readTokens(config, name))
  return {
    bos: role('bos_token'),
    eos: role('eos_token'),
    named: [...ROLES.map(role), ...more].filter(token => token !== undefined),
    added: readAddedDecoder(config),
    bosId: generation.integers('bos_token_id', ANY_ID)[0],
    eosId: generation.integers('eos_token_id', ANY_ID)[0],
  }
}

/** A file that is not there says nothing. */
export function readFields(path: string): JsonFields {
  return existsSync(path) ? JsonFields.of(path, readJson(path)) : new JsonFields(path, Object.create(null))
}

/** `"<s>"` or `{ "content": "<s>", … }`. */
export function readToken(fields: JsonFields, name: string): string | undefined {
  const value = fields.get(name)
  if (value === undefined || typeof value === 'string') return value
  return JsonFields.of(fields.path, value, `${fields.prefix}${name}.`).string('content')
}

function readTokens(fields: JsonFields, name: string): string[] {
  const value = fields.get(name)
  if (!Array.isArray(value)) return []
  const named = (value as readonly Json[]).map((item, i) => [`${name}[${i}]`, item] as const)
  const items = new JsonFields(fields.path, Object.fromEntries(named))
  return named.flatMap(([item]) => readToken(items, item) ?? [])
}

/** `added_tokens_decoder`: id → token. */
function readAddedDecoder(config: JsonFields): AddedToken[] {
  const decoder = config.child('added_tokens_decoder')
  if (decoder === undefined) return []
  return Object.keys(decoder.object).map(key => {
    const id = /^\d{1,7}$/.test(key) ? Number(key) : -1
    if (id < 0 || id > GREATEST_ID) decoder.fail(key, `is no id from 0 to ${GREATEST_ID}`)
    return readAddedToken(decoder.child(key) ?? decoder.missing(key), id)
  })
}
