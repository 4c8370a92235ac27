/** What one run says of a measure: the logarithm of its value, so that differences are ratios, and that one's variance. */
export interface Observation {
  readonly value: number
  readonly variance: number
}

/** A figure and its standard error as an observation; undefined of what has no logarithm or no error. */
export function observation(value: number, error: number | undefined): Observation | undefined {
  if (!(value > 0) || error === undefined) return undefined
  return { value: Math.log(value), variance: (error / value) ** 2 }
}
