// Weights of a model that was never trained, made where they lie. Value i is mix(key + i) · scale: MurmurHash3's finaliser
// as a signed integer, times a double, to the nearest float; then rounded or quantised as an uploaded one would be.
//
//   fillRandom      [count] of STORAGE, from value 0
//   fillRandomRows  [rows, WIDTH] of STORAGE int8 or fp8, and scales f32 [rows]: a block a row, whose values are made twice
//
// Bytes: what is written.
#include "lib/quantise.cuh"

#ifndef STORAGE
#define STORAGE int8
#endif
#ifndef WIDTH
#define WIDTH 4096
#endif
#ifndef VECTOR
#define VECTOR 8
#endif
#ifndef THREADS
#define THREADS 256
#endif

__device__ __forceinline__ float randomAt(u32 i, double scale) {
  u32 h = i;
  h = (h ^ (h >> 16)) * 0x85ebca6bu;
  h = (h ^ (h >> 13)) * 0xc2b2ae35u;
  return (float)((double)(int)(h ^ (h >> 16)) * scale);
}

extern "C" __global__ void __launch_bounds__(THREADS) fillRandom(STORAGE *to, u64 count, u32 key, double scale) {
  gridDependencyLaunch();
  gridDependencyWait();
  const u64 at = ((u64)blockIdx.x * THREADS + threadIdx.x) * VECTOR;
  if (at + VECTOR <= count) {
    float x[VECTOR];
#pragma unroll
    for (int i = 0; i < VECTOR; i++) x[i] = randomAt(key + (u32)at + i, scale);
    storeFloats(to + at, x);
  } else {
    for (u64 i = at; i < count; i++) to[i] = narrowed<STORAGE>(randomAt(key + (u32)i, scale));
  }
}

#ifdef SCALED
extern "C" __global__ void __launch_bounds__(THREADS) fillRandomRows(STORAGE *to, float *scales, u32 key, double scale) {
  constexpr int N = vectorOf(WIDTH, 16);
  __shared__ float room[THREADS / 32];
  gridDependencyLaunch();
  gridDependencyWait();
  const u64 row = (u64)blockIdx.x * WIDTH;
  float largest = 0.f;
  for (int at = threadIdx.x; at < WIDTH; at += THREADS) {
    largest = fmaxf(largest, fabsf(randomAt(key + (u32)(row + at), scale)));
  }
  const float step = rowScale<STORAGE>(blockMax<THREADS>(largest, room));
  if (threadIdx.x == 0) scales[blockIdx.x] = step;
  for (int at = threadIdx.x * N; at < WIDTH; at += THREADS * N) {
    float x[N];
#pragma unroll
    for (int i = 0; i < N; i++) x[i] = quantised<STORAGE>(randomAt(key + (u32)(row + at + i), scale), step);
    storeFloats(to + row + at, x);
  }
}
#endif
