// Between f32 and what tensors and weights are kept as.
//
//   convert     f32 [count] → STORAGE [count], to nearest, ties to even
//   restore     STORAGE [count] → f32 [count]
//   quantise    f32 [rows, WIDTH] → STORAGE [rows, WIDTH] and scales f32 [rows]; STORAGE int8 or fp8
//   dequantise  those → TARGET [rows, WIDTH]: q · scale, for a library that wants its operands so
//
// convert and restore: a thread a vector; a last piece that is shorter goes value by value.
// quantise: a block a row, which is read twice, the second time from the cache.
// dequantise: CHUNKS vectors a thread, loaded before the first is stored. Bytes: each value once in and once out.
#include "lib/quantise.cuh"

#ifndef STORAGE
#define STORAGE int8
#endif
#ifndef TARGET
#define TARGET bf16
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

template <typename From, typename To> __device__ __forceinline__ void copyConverted(To *to, const From *from, u64 count) {
  const u64 at = ((u64)blockIdx.x * THREADS + threadIdx.x) * VECTOR;
  if (at + VECTOR <= count) {
    float x[VECTOR];
    loadFloats(from + at, x);
    storeFloats(to + at, x);
  } else {
    for (u64 i = at; i < count; i++) to[i] = narrowed<To>(toFloat(from[i]));
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) convert(STORAGE *to, const float *from, u64 count) {
  gridDependencyLaunch();
  gridDependencyWait();
  copyConverted(to, from, count);
}

extern "C" __global__ void __launch_bounds__(THREADS) restore(float *to, const STORAGE *from, u64 count) {
  gridDependencyLaunch();
  gridDependencyWait();
  copyConverted(to, from, count);
}

#ifdef SCALED
extern "C" __global__ void __launch_bounds__(THREADS) quantise(STORAGE *to, float *scales, const float *from) {
  constexpr int N = vectorOf(WIDTH, 4);
  __shared__ float room[THREADS / 32];
  gridDependencyLaunch();
  gridDependencyWait();
  const u64 row = (u64)blockIdx.x * WIDTH;
  float largest = 0.f;
  for (int at = threadIdx.x * N; at < WIDTH; at += THREADS * N) {
    float x[N];
    loadFloats(from + row + at, x);
#pragma unroll
    for (int i = 0; i < N; i++) largest = fmaxf(largest, fabsf(x[i]));
  }
  const float scale = rowScale<STORAGE>(blockMax<THREADS>(largest, room));
  if (threadIdx.x == 0) scales[blockIdx.x] = scale;
  for (int at = threadIdx.x * N; at < WIDTH; at += THREADS * N) {
    float x[N];
    loadFloats(from + row + at, x);
#pragma unroll
    for (int i = 0; i < N; i++) x[i] = quantised<STORAGE>(x[i], scale);
    storeFloats(to + row + at, x);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    dequantise(TARGET *to, const STORAGE *from, const float *scales, u64 count) {
  constexpr int N = vectorOf(WIDTH, 16);
  constexpr int CHUNKS = 4;
  gridDependencyLaunch();
  const u64 first = ((u64)blockIdx.x * THREADS * CHUNKS + threadIdx.x) * N;
  float x[CHUNKS][N], scale[CHUNKS];
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const u64 at = first + (u64)c * THREADS * N;
    if (at >= count) continue;
    loadFloats(from + at, x[c]);
    scale[c] = scales[at / WIDTH];
  }
  // The weights are nobody's work, but the room they go to may still be read.
  gridDependencyWait();
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    const u64 at = first + (u64)c * THREADS * N;
    if (at >= count) continue;
#pragma unroll
    for (int i = 0; i < N; i++) x[c][i] *= scale[c];
    storeFloats(to + at, x[c]);
  }
}
#endif
