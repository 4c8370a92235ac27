import type { ElementType, WeightStorage } from './device.ts'

/** Bytes that a value takes; scales of quantised rows are apart. */
export const ELEMENT_BYTES: Readonly<Record<ElementType | WeightStorage, number>> = {
  f32: 4,
  i32: 4,
  bf16: 2,
  f16: 2,
  fp8: 1,
  int8: 1,
}
