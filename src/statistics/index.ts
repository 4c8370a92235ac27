/** Numbers about numbers. Pure. */
export { Histogram, type HistogramSnapshot, logBounds } from './histogram.ts'
export { deviation, mean, sum } from './moments.ts'
export { percentile } from './percentile.ts'
export { quantile } from './quantile.ts'
export { Random } from './random.ts'
