/** Numbers about numbers. Pure. */
export { blockLength, effectiveSampleSize } from './autocorrelation.ts'
export { type BootstrapOptions, ratioSpread, type Spread } from './block-bootstrap.ts'
export { Histogram, type HistogramSnapshot, logBounds } from './histogram.ts'
export { deviation, mean, sum } from './moments.ts'
export { normalCdf, normalQuantile, studentQuantile } from './normal.ts'
export { percentile } from './percentile.ts'
export { quantile } from './quantile.ts'
export { Random } from './random.ts'
