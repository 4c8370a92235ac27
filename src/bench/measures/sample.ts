/** Values of requests in order of their due times. Those of one request stand together, as chance strikes them together. */
export interface Sample {
  readonly values: Float64Array
  /** Where each request's values begin, and one more: where the last one's end. */
  readonly starts: Uint32Array
}

/** One value of each request; null of those that have none. */
export function singles(values: readonly (number | null)[]): Sample {
  const starts = new Uint32Array(values.length + 1)
  const kept = new Float64Array(values.length)
  let count = 0
  for (const [i, value] of values.entries()) {
    starts[i] = count
    if (value !== null) kept[count++] = value
  }
  starts[values.length] = count
  return { values: kept.subarray(0, count), starts }
}

/** Gaps between a request's arrivals, whatever their tokens: one that brought several ends one gap. */
export function gapsOf(arrivals: readonly Float64Array[]): Sample {
  const starts = new Uint32Array(arrivals.length + 1)
  for (const [i, times] of arrivals.entries()) starts[i + 1] = starts[i]! + Math.max(0, times.length - 1)
  const values = new Float64Array(starts[arrivals.length]!)
  let count = 0
  for (const times of arrivals) {
    for (let i = 1; i < times.length; i++) values[count++] = times[i]! - times[i - 1]!
  }
  return { values, starts }
}
