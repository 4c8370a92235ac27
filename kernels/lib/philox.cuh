#pragma once
// Philox4x32-10: Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#include "lib/types.cuh"

// A number in [0, 1) with 53 random bits: the draw for the token at `position` of the sequence that owns the key.
__device__ inline double philoxUniform(u32 keyLow, u32 keyHigh, u32 positionLow, u32 positionHigh) {
  u32 c0 = positionLow, c1 = positionHigh, c2 = 0, c3 = 0;
#pragma unroll
  for (int round = 0; round < 10; round++) {
    const u64 product0 = (u64)0xd2511f53u * c0;
    const u64 product1 = (u64)0xcd9e8d57u * c2;
    c0 = (u32)(product1 >> 32) ^ c1 ^ keyLow;
    c1 = (u32)product1;
    c2 = (u32)(product0 >> 32) ^ c3 ^ keyHigh;
    c3 = (u32)product0;
    keyLow += 0x9e3779b9u;
    keyHigh += 0xbb67ae85u;
  }
  return ((double)(c0 >> 5) * 67108864.0 + (double)(c1 >> 6)) / 9007199254740992.0;
}
