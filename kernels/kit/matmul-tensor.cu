// c[m, n] = Σ_k a[m, k] · b[k, n], a and b bf16, c f32, all row-major, on tensor cores: blocks of 128×128 results, eight
// warps of 64×32, operands on their way from memory (cp.async) three slices of 32 ahead of their use. Any m; 8 divides n
// and k. Third rung; on Hopper only wgmma, which cuBLASLt uses, is faster.
// Shared memory: STAGES · (128·40 + 32·136) · 2 bytes.
#include "lib/types.cuh"

#define TILE 128
#define SLICE 32
#define STAGES 4
// Eight values more than a row holds: the eight rows that ldmatrix reads at a time then lie in different banks.
#define A_STRIDE (SLICE + 8)
#define B_STRIDE (TILE + 8)
#define A_STAGE (TILE * A_STRIDE)
#define STAGE (A_STAGE + SLICE * B_STRIDE)

extern __shared__ unsigned char shared[];

// Sends slice `slice` of both operands on its way; zeros where there is nothing.
__device__ __forceinline__ void fetchSlice(const u16 *a, const u16 *b, u32 m, u32 n, u32 k, u32 slice) {
  u16 *as = (u16 *)shared + (slice % STAGES) * STAGE;
  u16 *bs = as + A_STAGE;
  u32 firstRow = blockIdx.y * TILE, firstColumn = blockIdx.x * TILE, start = slice * SLICE;
#pragma unroll
  for (u32 i = threadIdx.x; i < TILE * SLICE / 8; i += 256) {
    u32 row = i / (SLICE / 8), inner = 8 * (i % (SLICE / 8));
    bool valid = firstRow + row < m && start + inner < k;
    copyAsync16(as + row * A_STRIDE + inner, valid ? a + (u64)(firstRow + row) * k + start + inner : a, valid);
  }
#pragma unroll
  for (u32 i = threadIdx.x; i < TILE * SLICE / 8; i += 256) {
    u32 inner = i / (TILE / 8), column = 8 * (i % (TILE / 8));
    bool valid = start + inner < k && firstColumn + column < n;
    copyAsync16(bs + inner * B_STRIDE + column, valid ? b + (u64)(start + inner) * n + firstColumn + column : b, valid);
  }
}

extern "C" __global__ void __launch_bounds__(256)
    matmulTensor(const u16 *__restrict__ a, const u16 *__restrict__ b, float *__restrict__ c, u32 m, u32 n, u32 k) {
  u32 lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  u32 warpRow = 64 * (warp / 4), warpColumn = 32 * (warp % 4);
  u32 slices = (k + SLICE - 1) / SLICE;
  for (u32 slice = 0; slice < STAGES - 1; slice++) {
    if (slice < slices) fetchSlice(a, b, m, n, k, slice);
    copyAsyncCommit();
  }
  float sums[4][4][4] = {};
  for (u32 slice = 0; slice < slices; slice++) {
    copyAsyncWait<STAGES - 2>();
    // This slice is there for all, and nobody reads the one before it any more, whose place the next fetch takes.
    __syncthreads();
    if (slice + STAGES - 1 < slices) fetchSlice(a, b, m, n, k, slice + STAGES - 1);
    copyAsyncCommit();
    const u16 *as = (const u16 *)shared + (slice % STAGES) * STAGE;
    const u16 *bs = as + A_STAGE;
#pragma unroll
    for (u32 inner = 0; inner < SLICE; inner += 16) {
      u32 x[4][4], y[2][4];
#pragma unroll
      for (u32 i = 0; i < 4; i++)
        loadMatrix4(x[i], as + (warpRow + 16 * i + lane % 16) * A_STRIDE + inner + 8 * (lane / 16));
#pragma unroll
      for (u32 j = 0; j < 2; j++)
        loadMatrix4Transposed(y[j], bs + (inner + lane % 16) * B_STRIDE + warpColumn + 16 * j + 8 * (lane / 16));
#pragma unroll
      for (u32 i = 0; i < 4; i++)
#pragma unroll
        for (u32 j = 0; j < 4; j++) {
          u32 pair[2] = {y[j / 2][2 * (j % 2)], y[j / 2][2 * (j % 2) + 1]};
          mmaBf16(sums[i][j], x[i], pair);
        }
    }
  }
  // Fetches that were never waited for must not outlive the block.
  copyAsyncWait<0>();
#pragma unroll
  for (u32 i = 0; i < 4; i++)
#pragma unroll
    for (u32 j = 0; j < 4; j++) {
      u32 row = blockIdx.y * TILE + warpRow + 16 * i + lane / 4;
      u32 column = blockIdx.x * TILE + warpColumn + 8 * j + 2 * (lane % 4);
      if (column >= n) continue;
      if (row < m) *(float2 *)(c + (u64)row * n + column) = make_float2(sums[i][j][0], sums[i][j][1]);
      if (row + 8 < m) *(float2 *)(c + (u64)(row + 8) * n + column) = make_float2(sums[i][j][2], sums[i][j][3]);
    }
}
