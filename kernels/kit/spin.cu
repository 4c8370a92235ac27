// out[i] = thread i's number after `rounds` steps of a linear congruential generator: work of a known length that needs
// no memory, to keep a card busy beside something else. 16 blocks of 128 threads.
#include "kit/lcg.cuh"

extern "C" __global__ void __launch_bounds__(128) spin(u32 rounds, u32 *out) {
  u32 i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = lcg(i, rounds);
}
