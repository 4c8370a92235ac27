// c[m, n] = Σ_k a[m, k] · b[k, n], all f32 and row-major: blocks of 64×64 results, operands by way of shared memory in
// slices of 16, and 4×4 results a thread, so that a value that was fetched is used 64 times. Any m, n, k.
// Second rung: what the f32 units can give.
#include "lib/types.cuh"

#define TILE 64
#define SLICE 16

extern "C" __global__ void __launch_bounds__(256)
    matmulTiled(const float *__restrict__ a, const float *__restrict__ b, float *__restrict__ c, u32 m, u32 n, u32 k) {
  // A's slice lies transposed, so that a thread's four rows are neighbours; the padding spreads them over the banks.
  __shared__ __align__(16) float as[SLICE][TILE + 4];
  __shared__ __align__(16) float bs[SLICE][TILE];
  u32 thread = threadIdx.x;
  u32 firstRow = blockIdx.y * TILE, firstColumn = blockIdx.x * TILE;
  u32 rows = 4 * (thread / 16), columns = 4 * (thread % 16);
  float sums[4][4] = {};
  for (u32 start = 0; start < k; start += SLICE) {
    for (u32 i = thread; i < TILE * SLICE; i += 256) {
      u32 row = firstRow + i / SLICE, inner = start + i % SLICE;
      as[i % SLICE][i / SLICE] = row < m && inner < k ? a[row * k + inner] : 0.f;
    }
    for (u32 i = thread; i < TILE * SLICE; i += 256) {
      u32 inner = start + i / TILE, column = firstColumn + i % TILE;
      bs[i / TILE][i % TILE] = inner < k && column < n ? b[inner * n + column] : 0.f;
    }
    __syncthreads();
#pragma unroll
    for (u32 inner = 0; inner < SLICE; inner++) {
      float4 x = *(const float4 *)&as[inner][rows];
      float4 y = *(const float4 *)&bs[inner][columns];
      float xs[4] = {x.x, x.y, x.z, x.w}, ys[4] = {y.x, y.y, y.z, y.w};
#pragma unroll
      for (u32 i = 0; i < 4; i++)
#pragma unroll
        for (u32 j = 0; j < 4; j++) sums[i][j] = fmaf(xs[i], ys[j], sums[i][j]);
    }
    __syncthreads();
  }
#pragma unroll
  for (u32 i = 0; i < 4; i++)
#pragma unroll
    for (u32 j = 0; j < 4; j++) {
      u32 row = firstRow + rows + i, column = firstColumn + columns + j;
      if (row < m && column < n) c[row * n + column] = sums[i][j];
    }
}
