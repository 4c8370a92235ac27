import { FormatError } from '../errors.ts'
import type { Json } from '../json.ts'
import type { JsonFields } from '../json-fields.ts'
import { quote } from '../quote.ts'
import { MergeTable } from './merge-table.ts'

/** A byte-pair model: the vocabulary and which pairs merge. */
export interface BpeModel {
  readonly ids: ReadonlyMap<string, number>
  readonly merges: MergeTable
  /** A word that is a token as it stands becomes that token, whatever the merges would make of it. */
  readonly ignoreMerges: boolean
  /** No token that a merge makes has `▁` behind another character: words then end before every run of `▁`. */
  readonly spacesLead: boolean
}

/** @throws FormatError where a merge is no pair or names a token that the vocabulary lacks. */
export function readBpeModel(model: JsonFields, ids: ReadonlyMap<string, number>): BpeModel {
  const merges = model.get('merges')
  if (!Array.isArray(merges)) return model.fail('merges', merges === undefined ? 'is missing' : 'is not a list')
  const results = new Int32Array(merges.length)
  let spacesLead = true
  const pairs = merges.map((merge: Json, rank) => {
    const [left, right] = readPair(model, merge, rank)
    const merged = left + right
    if (/[^▁]▁/.test(merged)) spacesLead = false
    results[rank] = idOf(model, ids, merged, rank)
    return [idOf(model, ids, left, rank), idOf(model, ids, right, rank)] as const
  })
  return {
    ids,
    merges: new MergeTable(pairs, results),
    ignoreMerges: model.boolean('ignore_merges', false),
    spacesLead,
  }
}

/** Either form: `"a b"`, or since tokenizers 0.20 `["a", "b"]`. */
function readPair(model: JsonFields, merge: Json, rank: number): readonly [string, string] {
  const pair = typeof merge === 'string' ? merge.split(' ') : merge
  if (Array.isArray(pair) && pair.length === 2) {
    const [left, right] = pair as readonly Json[]
    if (typeof left === 'string' && typeof right === 'string') return [left, right]
  }
  return model.fail(`merges[${rank}]`, 'is not a pair of tokens')
}

function idOf(model: JsonFields, ids: ReadonlyMap<string, number>, token: string, rank: number): number {
  const id = ids.get(token)
  if (id !== undefined) return id
  const place = quote(`${model.prefix}merges[${rank}]`)
  throw new FormatError(model.path, `${place} needs the token ${quote(token)}, which the vocabulary lacks`)
}
