/**
 * Why a regular expression might run for ever on some text, or undefined. A repeat without an upper bound inside a
 * group that is itself repeated without one is what makes backtracking exponential. (Two such repeats in a row can
 * still be polynomial; the known tokenizers' patterns are full of those.)
 */
export function whyExplosive(pattern: string): string | undefined {
  /** For each open group, whether an unbounded repeat stands in it. */
  const groups: boolean[] = [false]
  let closed: boolean | undefined
  for (let i = 0; i < pattern.length; ) {
    const char = pattern[i]!
    let wasGroup: boolean | undefined
    if (char === '\\') i += 2
    else if (char === '[') i = endOfClass(pattern, i)
    else if (char === '(') {
      if (groups.length > 32) return 'nests groups more than 32 deep'
      groups.push(false)
      i++
    } else if (char === ')') {
      wasGroup = groups.length > 1 ? groups.pop() : false
      if (wasGroup) groups[groups.length - 1] = true
      i++
    } else {
      const repeat = /^(?:[*+]|\{\d*,\})/.exec(pattern.slice(i, i + 16))
      if (repeat !== null) {
        if (closed) return 'repeats a group that repeats something itself, which may take for ever'
        groups[groups.length - 1] = true
        i += repeat[0].length
        // A second sign makes the repeat possessive or lazy.
        if (pattern[i] === '+' || pattern[i] === '?') i++
      } else i++
    }
    closed = wasGroup
  }
  return undefined
}

function endOfClass(pattern: string, start: number): number {
  let depth = 0
  for (let i = start; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++
    else if (pattern[i] === '[') depth++
    else if (pattern[i] === ']' && --depth === 0) return i + 1
  }
  return pattern.length
}
