// out[i] = the exclusive or of eight generators, begun at 8·i … 8·i + 7, after `rounds` steps each: they do not wait for
// each other, so the time is what the integer units need, and the latency of a step is hidden.
#include "lib/types.cuh"

#define CHAINS 8

extern "C" __global__ void __launch_bounds__(256) throughput(u32 *out, u32 rounds) {
  u32 i = blockIdx.x * blockDim.x + threadIdx.x;
  u32 x[CHAINS];
#pragma unroll
  for (u32 chain = 0; chain < CHAINS; chain++) x[chain] = i * CHAINS + chain;
#pragma unroll 1
  for (u32 round = 0; round < rounds; round++) {
#pragma unroll
    for (u32 chain = 0; chain < CHAINS; chain++) x[chain] = x[chain] * 1103515245u + 12345u;
  }
  u32 mixed = 0;
#pragma unroll
  for (u32 chain = 0; chain < CHAINS; chain++) mixed ^= x[chain];
  out[i] = mixed;
}
