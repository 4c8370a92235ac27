// Root-mean-square norm (Zhang & Sennrich 2019): out[r] = x[r] / √(mean(x[r]²) + ε) · (weight + offset).
//
//   rmsNorm      x INPUT [rows, WIDTH] → out OUTPUT [rows, WIDTH]; out may be x
//   addNorm      residual f32 += x INPUT; out OUTPUT = norm(residual)
//   addResidual  residual f32 += x INPUT
//
// One block a row, which is read once: every thread keeps its values in registers. With few rows the time is latency's,
// so the weights are fetched before the kernel ahead is over. Bytes: each operand once.
#include "lib/reduce.cuh"
#include "lib/vector.cuh"

#ifndef INPUT
#define INPUT bf16
#endif
#ifndef OUTPUT
#define OUTPUT bf16
#endif
#ifndef WIDTH
#define WIDTH 4096
#endif
#ifndef THREADS
#define THREADS 512
#endif

constexpr int V = vectorOf(WIDTH, sizeof(INPUT) == 4 && sizeof(OUTPUT) == 4 ? 4 : 8);
constexpr int CHUNKS = (WIDTH + THREADS * V - 1) / (THREADS * V);

// Where a thread's c-th vector starts; neighbours' vectors are neighbours.
__device__ __forceinline__ int chunkAt(int c) { return (c * THREADS + threadIdx.x) * V; }

// The weights of a thread's vectors: fetched at once where registers suffice, else when they are asked for.
struct RowWeight {
  static constexpr bool HELD = CHUNKS <= 2;
  const float *weight;
  float values[HELD ? CHUNKS : 1][V];

  __device__ __forceinline__ explicit RowWeight(const float *weight) : weight(weight) {
    if constexpr (HELD) {
#pragma unroll
      for (int c = 0; c < CHUNKS; c++) {
        if (chunkAt(c) < WIDTH) loadFloats(weight + chunkAt(c), values[c]);
      }
    }
  }

  __device__ __forceinline__ const float (&of(int c))[V] {
    if constexpr (!HELD) loadFloats(weight + chunkAt(c), values[0]);
    return values[HELD ? c : 0];
  }
};

__device__ __forceinline__ void normalise(OUTPUT *out, float (&x)[CHUNKS][V], RowWeight &weight, float epsilon,
                                          float offset) {
  __shared__ float room[THREADS / 32];
  float squares = 0.f;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    if (chunkAt(c) >= WIDTH) continue;
#pragma unroll
    for (int i = 0; i < V; i++) squares = fmaf(x[c][i], x[c][i], squares);
  }
  // √ and a division, not rsqrtf: the reference's bits more often.
  const float inverse = 1.f / sqrtf(blockSum<THREADS>(squares, room) / (float)WIDTH + epsilon);
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    if (chunkAt(c) >= WIDTH) continue;
    const float(&w)[V] = weight.of(c);
#pragma unroll
    for (int i = 0; i < V; i++) x[c][i] = x[c][i] * inverse * (w[i] + offset);
    storeFloats(out + chunkAt(c), x[c]);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    rmsNorm(OUTPUT *out, const INPUT *x, const float *weight, float epsilon, float offset) {
  gridDependencyLaunch();
  RowWeight w(weight);
  gridDependencyWait();
  const u64 row = (u64)blockIdx.x * WIDTH;
  float values[CHUNKS][V];
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    if (chunkAt(c) < WIDTH) loadFloats(x + row + chunkAt(c), values[c]);
  }
  normalise(out + row, values, w, epsilon, offset);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    addNorm(OUTPUT *out, float *residual, const INPUT *x, const float *weight, float epsilon, float offset) {
  gridDependencyLaunch();
  RowWeight w(weight);
  gridDependencyWait();
  const u64 row = (u64)blockIdx.x * WIDTH;
  float sum[CHUNKS][V];
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    if (chunkAt(c) < WIDTH) loadFloats(residual + row + chunkAt(c), sum[c]);
  }
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    if (chunkAt(c) >= WIDTH) continue;
    float added[V];
    loadFloats(x + row + chunkAt(c), added);
#pragma unroll
    for (int i = 0; i < V; i++) sum[c][i] += added[i];
    storeFloats(residual + row + chunkAt(c), sum[c]);
  }
  normalise(out + row, sum, w, epsilon, offset);
}

extern "C" __global__ void __launch_bounds__(THREADS) addResidual(float *residual, const INPUT *x) {
  gridDependencyLaunch();
  gridDependencyWait();
  const u64 row = (u64)blockIdx.x * WIDTH;
#pragma unroll
  for (int c = 0; c < CHUNKS; c++) {
    if (chunkAt(c) >= WIDTH) continue;
    float sum[V], added[V];
    loadFloats(residual + row + chunkAt(c), sum);
    loadFloats(x + row + chunkAt(c), added);
#pragma unroll
    for (int i = 0; i < V; i++) sum[i] += added[i];
    storeFloats(residual + row + chunkAt(c), sum);
  }
}
