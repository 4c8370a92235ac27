import type { Abi } from './abi.ts'

/**
 * The ABI that MPI 5.0 standardises (libmpi_abi.so.0): handles are small numbers in pointers. Written after the standard;
 * no library that has it was at hand to run it against. Drafts have `errorsReturn` as 0x142; where that is right, an error ends
 * the rank instead of being thrown.
 */
export const STANDARD_ABI: Abi = {
  name: 'MPI standard ABI',
  handle: 'int64_t',
  status: { bytes: 32, source: 0, tag: 1, error: 2 },
  anySource: -1,
  anyTag: -2,
  undefined: -32_766,
  threadFunneled: 1024,
  errorClass: { tag: 4, rank: 6, root: 8, truncate: 15 },
  handles: () => ({
    commWorld: 0x101,
    commSelf: 0x102,
    commNull: 0x100,
    requestNull: 0x180,
    errorsReturn: 0x143,
    byte: 0x247,
    types: {
      Int32Array: 0x250,
      Uint32Array: 0x251,
      Float32Array: 0x210,
      Float64Array: 0x214,
      BigInt64Array: 0x258,
      BigUint64Array: 0x259,
      Uint8Array: 0x241,
    },
    operations: { sum: 0x21, min: 0x22, max: 0x23, product: 0x24 },
  }),
}
