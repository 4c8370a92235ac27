// data[i] = `rounds` times data[i]·1.001 + 0.1: every step needs the one before, so the time is rounds · the latency of
// one multiply-add, and nothing of the card's width helps.
#include "lib/types.cuh"

extern "C" __global__ void __launch_bounds__(256) latency(float *data, u32 n, u32 rounds) {
  u32 i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float x = data[i];
#pragma unroll 4
  for (u32 round = 0; round < rounds; round++) x = fmaf(x, 1.001f, 0.1f);
  data[i] = x;
}
