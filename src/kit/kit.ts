import { CEILINGS } from './entries/ceilings.ts'
import { LOOPS } from './entries/loops.ts'
import { PRODUCTS } from './entries/products.ts'
import { QUANTISATION } from './entries/quantisation.ts'
import { SOFTMAXES } from './entries/softmax.ts'
import { VECTORS } from './entries/vectors.ts'
import type { KitEntry } from './entry.ts'

/** The kernel kit: what `warpline kernels` lists, checks and measures. */
export const KIT: readonly KitEntry[] = [...CEILINGS, ...VECTORS, ...SOFTMAXES, ...QUANTISATION, ...PRODUCTS, ...LOOPS]
