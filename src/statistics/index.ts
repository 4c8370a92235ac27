/** Numbers about numbers. Pure. */
export { Histogram, type HistogramSnapshot, logBounds } from './histogram.ts'
export { percentile } from './percentile.ts'
