/** NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  return sum(values) / values.length
}

export function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]!
  return total
}

/** Of a sample: the square root of the squared distances' sum over n − 1. 0 of fewer than two. */
export function deviation(values: ArrayLike<number>): number {
  const { length } = values
  if (length < 2) return 0
  const centre = mean(values)
  let squares = 0
  for (let i = 0; i < length; i++) squares += (values[i]! - centre) ** 2
  return Math.sqrt(squares / (length - 1))
}
