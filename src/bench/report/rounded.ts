/** Milliseconds to a µs: clocks tell no more, and files stay small. */
export function toMicrosecond(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
