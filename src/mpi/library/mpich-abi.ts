import type { Abi } from './abi.ts'

/** MPICH 3.1 to 4, and those of its ABI: Intel MPI, MVAPICH, Cray MPICH. Handles are 32-bit numbers. From its mpi.h. */
export const MPICH_ABI: Abi = {
  name: 'MPICH',
  handle: 'int32_t',
  status: { bytes: 20, source: 2, tag: 3, error: 4 },
  anySource: -2,
  anyTag: -1,
  undefined: -32_766,
  threadFunneled: 1,
  errorClass: { tag: 4, rank: 6, root: 7, truncate: 14 },
  handles: () => ({
    commWorld: 0x4400_0000,
    commSelf: 0x4400_0001,
    commNull: 0x0400_0000,
    requestNull: 0x2c00_0000,
    errorsReturn: 0x5400_0001,
    byte: 0x4c00_010d,
    types: {
      Int32Array: 0x4c00_0439,
      Uint32Array: 0x4c00_043d,
      Float32Array: 0x4c00_040a,
      Float64Array: 0x4c00_080b,
      BigInt64Array: 0x4c00_083a,
      BigUint64Array: 0x4c00_083e,
      Uint8Array: 0x4c00_013b,
    },
    operations: { max: 0x5800_0001, min: 0x5800_0002, sum: 0x5800_0003, product: 0x5800_0004 },
  }),
}
