// out[t] = table[tokens[t]] · scale, out f32 [tokens, WIDTH], table [vocab, WIDTH] of STORAGE with a scale for each row
// where it is int8 or fp8.
//
// Moves a table row and four bytes a value for every token. One thread a vector; BLOCKS blocks a token, so that a single
// token's row is fetched by several multiprocessors at once.
#include "lib/vector.cuh"

#ifndef STORAGE
#define STORAGE bf16
#endif
#ifndef SCALED
#define SCALED 0
#endif
#ifndef WIDTH
#define WIDTH 4096
#endif
#ifndef THREADS
#define THREADS 128
#endif

constexpr int V = vectorOf(WIDTH, 8);
constexpr int BLOCKS = (WIDTH / V + THREADS - 1) / THREADS;

extern "C" __global__ void __launch_bounds__(THREADS)
    embed(float *out, const STORAGE *table, const float *scales, const int *tokens, const int *drawn, float scale) {
  gridDependencyLaunch();
  const int t = blockIdx.x / BLOCKS;
  const int at = ((blockIdx.x % BLOCKS) * THREADS + threadIdx.x) * V;
  gridDependencyWait();
  // −1 − r: what row r of the step before drew; where it drew nothing, any row will do.
  int token = tokens[t];
  if (token < 0) token = drawn[-1 - token];
  if (token < 0) token = 0;
  if (at >= WIDTH) return;
  float x[V];
  loadFloats(table + (u64)token * WIDTH + at, x);
  // The row as its storage has it first, and then the model's scale, as the reference has it.
  const float rowScale = SCALED ? scales[token] : 1.f;
#pragma unroll
  for (int i = 0; i < V; i++) x[i] = (x[i] * rowScale) * scale;
  storeFloats(out + (u64)t * WIDTH + at, x);
}
