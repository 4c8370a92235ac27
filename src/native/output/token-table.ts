/**
 * What every token id means as text, in shared memory, so that the engine's thread needs no tokenizer.
 * Token `id` is `bytes[offsets[id] … offsets[id + 1])`.
 */
export interface TokenTable {
  readonly bytes: Uint8Array
  /** `[vocab + 1]` */
  readonly offsets: Uint32Array
  /** `[vocab]`: 1 for special tokens. */
  readonly special: Uint8Array
}

export interface TokenSource {
  readonly vocabSize: number
  tokenBytes(id: number): Uint8Array
  isSpecial(id: number): boolean
}

const NOTHING = new Uint8Array()

/** The bytes of `id`; none for ids beyond the table (padding rows of the embedding). */
export function tokenBytes(table: TokenTable, id: number): Uint8Array {
  if (id >= table.special.length) return NOTHING
  return table.bytes.subarray(table.offsets[id], table.offsets[id + 1])
}

export function isSpecial(table: TokenTable, id: number): boolean {
  return table.special[id] === 1
}

export function buildTokenTable(source: TokenSource): TokenTable {
  const pieces = Array.from({ length: source.vocabSize }, (_, id) => source.tokenBytes(id))
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const bytes = new Uint8Array(new SharedArrayBuffer(total))
  const offsets = new Uint32Array(new SharedArrayBuffer((pieces.length + 1) * 4))
  const special = new Uint8Array(new SharedArrayBuffer(pieces.length))
  let at = 0
  for (const [id, piece] of pieces.entries()) {
    bytes.set(piece, at)
    at += piece.length
    offsets[id + 1] = at
    special[id] = source.isSpecial(id) ? 1 : 0
  }
  return { bytes, offsets, special }
}
