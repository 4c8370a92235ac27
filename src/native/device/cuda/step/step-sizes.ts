/**
 * Sizes that decode steps are recorded for; a step takes the smallest that holds it. Dense where a row more is felt,
 * as in vLLM: 1, 2, 4, then every 8, from 128 on every 16, from 256 on every 32.
 */
export function decodeSizes(maxSequences: number): readonly number[] {
  const sizes: number[] = []
  for (
    let size = 1;
    size < maxSequences;
    size += size < 4 ? size : size < 8 ? 4 : size < 128 ? 8 : size < 256 ? 16 : 32
  ) {
    sizes.push(size)
  }
  return [...sizes, maxSequences]
}

/**
 * Contexts that decode steps are recorded for: attention's grid covers so many positions, and what lies past a
 * sequence's end costs a little.
 */
export function contextSizes(contextLength: number): readonly number[] {
  return [...[512, 2048, 8192, 32768].filter(size => size < contextLength), contextLength]
}
