#pragma once
// Sums and maxima over a warp and over a block, in one fixed order.

__device__ __forceinline__ float warpSum(float x) {
#pragma unroll
  for (int mask = 16; mask > 0; mask >>= 1) x += __shfl_xor_sync(0xffffffffu, x, mask);
  return x;
}

__device__ __forceinline__ float warpMax(float x) {
#pragma unroll
  for (int mask = 16; mask > 0; mask >>= 1) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, mask));
  return x;
}

// Over all threads of a block of `Threads`; every thread gets it. `room` is shared memory, [Threads / 32], and may be
// used again after the next barrier.
template <int Threads> __device__ __forceinline__ float blockSum(float x, float *room) {
  x = warpSum(x);
  if (threadIdx.x % 32 == 0) room[threadIdx.x / 32] = x;
  __syncthreads();
  float sum = 0.f;
#pragma unroll
  for (int warp = 0; warp < Threads / 32; warp++) sum += room[warp];
  return sum;
}

template <int Threads> __device__ __forceinline__ float blockMax(float x, float *room) {
  x = warpMax(x);
  if (threadIdx.x % 32 == 0) room[threadIdx.x / 32] = x;
  __syncthreads();
  float most = room[0];
#pragma unroll
  for (int warp = 1; warp < Threads / 32; warp++) most = fmaxf(most, room[warp]);
  return most;
}
