// Reads memory once and keeps next to nothing of it: the bandwidth that no other kernel exceeds.
//
//   from   [count] pieces of 16 bytes
//   out    [1], written only if the bytes mix to one value in 2^32: so that no load can be left out
//
// Bytes moved: 16 · count. Method: a persistent grid, four independent loads in flight for each thread.
#include "lib/types.cuh"

extern "C" __global__ void __launch_bounds__(512) readOnce(const uint4 *__restrict__ from, u64 count, u32 *out) {
  gridDependencyWait();
  const u64 stride = (u64)gridDim.x * blockDim.x;
  u32 mixed = 0;
  u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x;
  for (; i + 3 * stride < count; i += 4 * stride) {
    uint4 a = loadStreaming(from + i), b = loadStreaming(from + i + stride);
    uint4 c = loadStreaming(from + i + 2 * stride), d = loadStreaming(from + i + 3 * stride);
    mixed ^= a.x ^ a.y ^ a.z ^ a.w ^ b.x ^ b.y ^ b.z ^ b.w;
    mixed ^= c.x ^ c.y ^ c.z ^ c.w ^ d.x ^ d.y ^ d.z ^ d.w;
  }
  for (; i < count; i += stride) {
    uint4 a = loadStreaming(from + i);
    mixed ^= a.x ^ a.y ^ a.z ^ a.w;
  }
  if (mixed == 0x12345u) *out = mixed;
}
