/**
 * Where a step's inputs lie on the card: addresses that never change, so that graphs may hold them. All are i32.
 *
 * Rows beyond the step's own, up to a graph's size, are padding: token 0, position −1, slot −1, sequence 0. Whatever
 * is computed for them is never looked at, but it must not fault, and nothing is written to the KV cache for them.
 */
export interface StepMemory {
  /** `[maxTokens]`; a negative one, `−1 − r`, stands for `drawn[r]`. */
  readonly tokens: number
  /** `[maxTokens]` */
  readonly positions: number
  /** `[maxTokens]`: block · BLOCK_SIZE + offset, where the token's key and value go; −1: nowhere. */
  readonly slots: number
  /** `[maxTokens]`: the row of `blockTables` that is the token's. */
  readonly sequences: number
  /** `[maxSequences, maxBlocks]` */
  readonly blockTables: number
  /** Block ids in a row of `blockTables`. */
  readonly maxBlocks: number
  /** `[maxLogitRows]`: indices into the tokens. */
  readonly logitRows: number
  /** `[maxTokens]`: tokens that attention takes one by one, by their indices. */
  readonly singles: number
  /** `[maxTokens]`: 0, 1, 2 …; in place of `singles` where attention takes every token by itself. */
  readonly everyToken: number
  /** `[maxTiles, 4]`: runs of consecutive tokens of one sequence, at most QUERY_TILE each: first token, count, sequence, 0. */
  readonly tiles: number
  /** `[maxLogitRows]`: what the step before drew; −1 where nothing could be drawn. */
  readonly drawn: number
}
