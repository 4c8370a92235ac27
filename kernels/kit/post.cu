// out[i] = token i after `rounds` steps of a linear congruential generator: what stands for the work that is done with a
// completion after it was generated. 16 blocks of 128 threads, however many tokens.
#include "kit/lcg.cuh"

extern "C" __global__ void __launch_bounds__(128)
    post(const u32 *__restrict__ tokens, u32 *__restrict__ out, u32 n, u32 rounds) {
  for (u32 i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) out[i] = lcg(tokens[i], rounds);
}
