/**
 * `out[t] = table[tokens[t]] · scale`
 *
 * @param out - `[tokens, width]`
 * @param table - `[vocab, width]`
 */
export function embed(out: Float32Array, table: Float32Array, tokens: Int32Array, width: number, scale: number): void {
  for (let t = 0; t < tokens.length; t++) {
    for (let i = 0; i < width; i++) out[t * width + i] = table[tokens[t]! * width + i]! * scale
  }
}
