/** The candidate that `word` was probably meant to be, if any is near enough. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const ranked = candidates
    .map(candidate => ({ candidate, distance: editDistance(plain(word), plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best && best.distance <= Math.max(1, Math.floor(plain(word).length / 3)) ? best.candidate : undefined
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment), by rows. */
function editDistance(a: string, b: string): number {
  let above: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swaps ? above[j - 2]! + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(substitution, swap, row[j]! + 1, next[j - 1]! + 1))
    }
    above = row
    row = next
  }
  return row[b.length]!
}
