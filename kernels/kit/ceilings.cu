// What the memory gives, to hold other kernels against. n counts 16-byte words.
#include "lib/types.cuh"

#define THREADS 512
#define IN_FLIGHT 4

__device__ __forceinline__ u32 fold(uint4 v) { return v.x ^ v.y ^ v.z ^ v.w; }

// Reads everything once; out[b] = the exclusive or of all that block b read, so that no read can be left out.
// Word i is read by block (i / THREADS) mod gridDim.
extern "C" __global__ void __launch_bounds__(THREADS) readAll(const uint4 *__restrict__ x, u32 n, u32 *__restrict__ out) {
  __shared__ u32 room[THREADS / 32];
  u32 step = gridDim.x * THREADS;
  u32 mixed = 0, i = blockIdx.x * THREADS + threadIdx.x;
  for (; i + (IN_FLIGHT - 1) * step < n; i += IN_FLIGHT * step) {
    uint4 v[IN_FLIGHT];
#pragma unroll
    for (u32 j = 0; j < IN_FLIGHT; j++) v[j] = loadStreaming(x + i + j * step);
#pragma unroll
    for (u32 j = 0; j < IN_FLIGHT; j++) mixed ^= fold(v[j]);
  }
  for (; i < n; i += step) mixed ^= fold(loadStreaming(x + i));
#pragma unroll
  for (u32 mask = 16; mask > 0; mask >>= 1) mixed ^= __shfl_xor_sync(0xffffffffu, mixed, mask);
  if (threadIdx.x % 32 == 0) room[threadIdx.x / 32] = mixed;
  __syncthreads();
  if (threadIdx.x == 0) {
    u32 all = 0;
    for (u32 warp = 0; warp < THREADS / 32; warp++) all ^= room[warp];
    out[blockIdx.x] = all;
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) copyAll(const uint4 *__restrict__ x, u32 n, uint4 *__restrict__ out) {
  u32 step = gridDim.x * THREADS;
  u32 i = blockIdx.x * THREADS + threadIdx.x;
  for (; i + (IN_FLIGHT - 1) * step < n; i += IN_FLIGHT * step) {
    uint4 v[IN_FLIGHT];
#pragma unroll
    for (u32 j = 0; j < IN_FLIGHT; j++) v[j] = loadStreaming(x + i + j * step);
#pragma unroll
    for (u32 j = 0; j < IN_FLIGHT; j++) out[i + j * step] = v[j];
  }
  for (; i < n; i += step) out[i] = loadStreaming(x + i);
}
