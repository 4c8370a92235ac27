import { FormatError } from '../errors.ts'
import type { Json } from '../json.ts'
import type { JsonFields } from '../json-fields.ts'
import { quote } from '../quote.ts'
import { MergeTable } from './merge-table.ts'
import { type Merge, TokenReach } from './token-reach.ts'

/** A byte-pair model: the vocabulary and which pairs merge. */
export interface BpeModel {
  readonly ids: ReadonlyMap<string, number>
  readonly merges: MergeTable
  readonly reach: TokenReach
  /** UTF-16 units that name the longest token: no word becomes fewer tokens than its units over this. */
  readonly longest: number
  /** A word that is a token as it stands becomes that token, whatever the merges would make of it. */
  readonly ignoreMerges: boolean
  /** No token that a merge makes has `▁` behind another character: words then end before every run of `▁`. */
  readonly spacesLead: boolean
}

/** @throws FormatError where a merge is no pair or names a token that the vocabulary lacks. */
export function readBpeModel(model: JsonFields, ids: ReadonlyMap<string, number>): BpeModel {
  const merges = model.get('merges')
  if (!Array.isArray(merges)) return model.fail('merges', merges === undefined ? 'is missing' : 'is not a list')
  let spacesLead = true
  const read = merges.map((merge: Json, rank): Merge => {
    const [left, right] = readPair(model, merge, rank)
    const merged = left + right
    if (/[^▁]▁/.test(merged)) spacesLead = false
    return {
      result: idOf(model, ids, merged, rank),
      left: idOf(model, ids, left, rank),
      right: idOf(model, ids, right, rank),
      length: merged.length,
    }
  })
  return {
    ids,
    merges: new MergeTable(
      read.map(({ left, right }) => [left, right]),
      Int32Array.from(read, ({ result }) => result),
    ),
    reach: new TokenReach(read, most(ids.values(), id => id) + 1),
    longest: most(ids.keys(), token => token.length),
    ignoreMerges: model.boolean('ignore_merges', false),
    spacesLead,
  }
}

function most<T>(things: Iterable<T>, of: (thing: T) => number): number {
  let greatest = 1
  for (const thing of things) greatest = Math.max(greatest, of(thing))
  return greatest
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
