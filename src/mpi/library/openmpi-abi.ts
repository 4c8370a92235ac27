import type { Abi } from './abi.ts'

/** Open MPI 4 and 5 (libmpi.so.40), and what is made of it: handles are the addresses of its globals. From its mpi.h. */
export const OPEN_MPI_ABI: Abi = {
  name: 'Open MPI',
  handle: 'int64_t',
  status: { bytes: 24, source: 0, tag: 1, error: 2 },
  anySource: -1,
  anyTag: -1,
  undefined: -32_766,
  threadFunneled: 1,
  errorClass: { tag: 4, rank: 6, root: 8, truncate: 15 },
  handles: addressOf => ({
    commWorld: addressOf('ompi_mpi_comm_world'),
    commSelf: addressOf('ompi_mpi_comm_self'),
    commNull: addressOf('ompi_mpi_comm_null'),
    requestNull: addressOf('ompi_request_null'),
    errorsReturn: addressOf('ompi_mpi_errors_return'),
    byte: addressOf('ompi_mpi_byte'),
    types: {
      Int32Array: addressOf('ompi_mpi_int32_t'),
      Uint32Array: addressOf('ompi_mpi_uint32_t'),
      Float32Array: addressOf('ompi_mpi_float'),
      Float64Array: addressOf('ompi_mpi_double'),
      BigInt64Array: addressOf('ompi_mpi_int64_t'),
      BigUint64Array: addressOf('ompi_mpi_uint64_t'),
      Uint8Array: addressOf('ompi_mpi_uint8_t'),
    },
    operations: {
      sum: addressOf('ompi_mpi_op_sum'),
      min: addressOf('ompi_mpi_op_min'),
      max: addressOf('ompi_mpi_op_max'),
      product: addressOf('ompi_mpi_op_prod'),
    },
  }),
}
