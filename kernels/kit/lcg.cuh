#pragma once
#include "lib/types.cuh"

// `rounds` steps of the linear congruential generator of the C standard's example: x ← x·1103515245 + 12345 mod 2³².
__device__ __forceinline__ u32 lcg(u32 x, u32 rounds) {
  // Unrolled, the compiler would join several steps into one, and the work would not be what was asked for.
#pragma unroll 1
  for (u32 round = 0; round < rounds; round++) x = x * 1103515245u + 12345u;
  return x;
}
