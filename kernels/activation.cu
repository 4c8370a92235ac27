// Gated linear unit (Shazeer 2020): out[r, i] = f(gateUp[r, i]) · gateUp[r, WIDTH + i], gateUp [rows, 2·WIDTH], all of
// ACTIVATION; f is silu (GELU 0) or gelu in its tanh form (GELU 1; Hendrycks & Gimpel 2016).
//
// One thread a vector; BLOCKS blocks a row. Bytes: three values for each that is written.
#include "lib/vector.cuh"

#ifndef ACTIVATION
#define ACTIVATION bf16
#endif
#ifndef WIDTH
#define WIDTH 11008
#endif
#ifndef GELU
#define GELU 0
#endif
#ifndef THREADS
#define THREADS 128
#endif

constexpr int V = vectorOf(WIDTH, sizeof(ACTIVATION) == 4 ? 4 : 8);
constexpr int BLOCKS = (WIDTH / V + THREADS - 1) / THREADS;

// silu(x) = x·σ(x), and ½x·(1 + tanh(u)) = x·σ(2u) with u = √(2/π)·(x + 0.044715·x³).
__device__ __forceinline__ float activated(float x) {
  const float z = GELU ? 1.5957691216057308f * (x + 0.044715f * x * x * x) : x;
  return x / (1.f + __expf(-z));
}

extern "C" __global__ void __launch_bounds__(THREADS) gatedActivation(ACTIVATION *out, const ACTIVATION *gateUp) {
  gridDependencyLaunch();
  const u64 row = blockIdx.x / BLOCKS;
  const int at = ((blockIdx.x % BLOCKS) * THREADS + threadIdx.x) * V;
  gridDependencyWait();
  if (at >= WIDTH) return;
  float gate[V], up[V];
  loadFloats(gateUp + row * 2 * WIDTH + at, gate);
  loadFloats(gateUp + row * 2 * WIDTH + WIDTH + at, up);
#pragma unroll
  for (int i = 0; i < V; i++) gate[i] = activated(gate[i]) * up[i];
  storeFloats(out + row * WIDTH + at, gate);
}
