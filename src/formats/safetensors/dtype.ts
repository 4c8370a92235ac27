/** Bits of one element, by the names that safetensors gives them. */
const BITS = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  F8_E4M3: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2: 8,
  F8_E5M2FNUZ: 8,
  F8_E8M0: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
  C64: 64,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
} as const

export type Dtype = keyof typeof BITS
/** The types whose elements can be read as floats. */
export type FloatDtype = 'F32' | 'F16' | 'BF16'

export const FLOAT_DTYPES: readonly FloatDtype[] = ['F32', 'F16', 'BF16']

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(BITS, name)
}

export function isFloatDtype(dtype: Dtype): dtype is FloatDtype {
  return (FLOAT_DTYPES as readonly Dtype[]).includes(dtype)
}

/** Undefined where the bits do not fill whole bytes or the size is past 2⁵³. */
export function bytesOf(dtype: Dtype, elements: number): number | undefined {
  const bits = elements * BITS[dtype]
  return Number.isSafeInteger(bits) && bits % 8 === 0 ? bits / 8 : undefined
}
