// out[r, n] = Σ_k x[r, k] · weight[n, k] · scale[n] (+ bias[n]): any shape, any types.
//
// For what the other kernels have no room for: sizes that no 16 bytes divide, activations of f32, mixed types. Tiles of
// x and of the weight pass through shared memory as floats; every product is a float multiply-add. Each output's sum
// runs over k in order, tile by tile, a tile's part by itself first (which keeps the rounding of long sums small): the
// order is the same for any number of rows.
//
// Bytes: weight · (rows / TOKENS) + x · (WIDTH / 64). Grid [⌈rows / TOKENS⌉, ⌈WIDTH / 64⌉], blocks of 256.
#include "lib/types.cuh"
#include "lib/linear-numbers.cuh"

#ifndef ACTIVATION
#define ACTIVATION float
#endif
#ifndef OUTPUT
#define OUTPUT ACTIVATION
#endif
#ifndef WEIGHT
#define WEIGHT float
#endif
#ifndef WIDTH
#define WIDTH 96
#endif
#ifndef INNER
#define INNER 64
#endif
// Rows of x that a block takes: a multiple of 16.
#ifndef TOKENS
#define TOKENS 64
#endif
#ifndef BIAS
#define BIAS 0
#endif

constexpr int THREADS = 256;
constexpr int COLUMNS = 64;
constexpr int DEPTH = 32;
constexpr int OWN_ROWS = TOKENS / 16;
constexpr int OWN_COLUMNS = COLUMNS / 16;

extern "C" __global__ void __launch_bounds__(THREADS)
    linearAny(const WEIGHT *weight, const float *scales, const float *bias, const ACTIVATION *x, OUTPUT *out, int rows) {
  // One column more, so that the lanes of a warp, which read one k of many rows, meet no bank twice.
  __shared__ float xTile[TOKENS][DEPTH + 1];
  __shared__ float weightTile[COLUMNS][DEPTH + 1];
  gridDependencyLaunch();
  gridDependencyWait();
  const int firstRow = blockIdx.x * TOKENS;
  const int firstColumn = blockIdx.y * COLUMNS;
  const int tx = threadIdx.x % 16;
  const int ty = threadIdx.x / 16;
  float sum[OWN_ROWS][OWN_COLUMNS] = {};

  for (int k0 = 0; k0 < INNER; k0 += DEPTH) {
    const int k = k0 + threadIdx.x % DEPTH;
    for (int r = threadIdx.x / DEPTH; r < TOKENS; r += THREADS / DEPTH) {
      bool inside = firstRow + r < rows && k < INNER;
      xTile[r][threadIdx.x % DEPTH] = inside ? toFloat(x[(size_t)(firstRow + r) * INNER + k]) : 0.f;
    }
    for (int n = threadIdx.x / DEPTH; n < COLUMNS; n += THREADS / DEPTH) {
      bool inside = firstColumn + n < WIDTH && k < INNER;
      weightTile[n][threadIdx.x % DEPTH] = inside ? toFloat(weight[(size_t)(firstColumn + n) * INNER + k]) : 0.f;
    }
    __syncthreads();
    float part[OWN_ROWS][OWN_COLUMNS] = {};
#pragma unroll 8
    for (int i = 0; i < DEPTH; i++) {
      float w[OWN_COLUMNS];
#pragma unroll
      for (int c = 0; c < OWN_COLUMNS; c++) w[c] = weightTile[tx + 16 * c][i];
#pragma unroll
      for (int r = 0; r < OWN_ROWS; r++) {
        float value = xTile[ty + 16 * r][i];
#pragma unroll
        for (int c = 0; c < OWN_COLUMNS; c++) part[r][c] = fmaf(value, w[c], part[r][c]);
      }
    }
#pragma unroll
    for (int r = 0; r < OWN_ROWS; r++) {
#pragma unroll
      for (int c = 0; c < OWN_COLUMNS; c++) sum[r][c] += part[r][c];
    }
    __syncthreads();
  }

#pragma unroll
  for (int c = 0; c < OWN_COLUMNS; c++) {
    const int n = firstColumn + tx + 16 * c;
    if (n >= WIDTH) continue;
    const float scale = Scaled<WEIGHT>::value ? scales[n] : 1.f;
    const float shift = BIAS ? bias[n] : 0.f;
#pragma unroll
    for (int r = 0; r < OWN_ROWS; r++) {
      const int row = firstRow + ty + 16 * r;
      if (row < rows) out[(size_t)row * WIDTH + n] = fromFloat<OUTPUT>(sum[r][c] * scale + shift);
    }
  }
}
