/** `0.85 µs`, `12.3 µs`, `1.53 ms` */
export function microseconds(us: number): string {
  return us < 1000 ? `${us.toPrecision(3)} µs` : `${(us / 1000).toPrecision(3)} ms`
}

/** `0`, `0 and 1`, `0 to 3`, `0, 2 and 5` */
export function rankList(ranks: readonly number[]): string {
  const [first, last] = [ranks[0], ranks.at(-1)]
  if (ranks.length > 2 && last! - first! === ranks.length - 1) return `${first} to ${last}`
  return [ranks.slice(0, -1).join(', '), String(last)].filter(part => part !== '').join(' and ')
}
