// attention-prefill.cu's work on the tensor cores of sm_90a, for heads of 64, 128 or 256.
//
// qkv [tokens, (HEADS + 2·KV_HEADS)·HEAD_DIM], q heads first, already rotated; k, v [blocks, 16, KV_HEADS, HEAD_DIM];
// out [tokens, HEADS·HEAD_DIM]. tiles [.., 4]: first token, count ≤ 64 · GROUPS · gridDim.z, sequence, 0; a query sees the
// `window` positions up to its own. Bytes moved: each key and value once for each tile and query head, mostly from L2.
//
// After FlashAttention-3 (Shah et al. 2024): a block takes one query head of a part of a tile, each four of its warps
// 64 of its queries, with queries, weights and sums in registers. The scores of the next 64 keys are multiplied while these keys'
// weights meet their values, and the softmax of the next ones runs beside the latter. Key tiles start at multiples of 64,
// and those that a query does not see change nothing: a query's bits do not depend on which others share its tile.
#include "lib/types.cuh"

// bf16 or f16.
#ifndef ACTIVATION
#define ACTIVATION bf16
#endif
// The cache's type: ACTIVATION, or fp8.
#ifndef KV
#define KV bf16
#endif
#ifndef HEADS
#define HEADS 32
#endif
#ifndef KV_HEADS
#define KV_HEADS 32
#endif
// 64, 128 or 256.
#ifndef HEAD_DIM
#define HEAD_DIM 128
#endif
// Fours of warps in a block.
#ifndef GROUPS
#define GROUPS 2
#endif
// Key tiles in shared memory, 3 or more: one for its scores, one for its values, the others on their way.
#ifndef STAGES
#define STAGES 3
#endif
// Blocks of the card's multiprocessors that registers are rationed for.
#ifndef RESIDENT
#define RESIDENT 1
#endif

constexpr int THREADS = GROUPS * 128;
constexpr int KEY_TILE = 64;
constexpr int ROW = KV_HEADS * HEAD_DIM;
constexpr int QKV_ROW = (HEADS + 2 * KV_HEADS) * HEAD_DIM;
constexpr u32 ALL = 0xffffffffu;
// 64 columns are a matrix, as lib/ptx.cuh has it; in bytes.
constexpr int MATRICES = HEAD_DIM / 64;
constexpr int MATRIX = KEY_TILE * 128;
// Keys, then values.
constexpr int STAGE = 2 * MATRICES * MATRIX;
// 16-byte pieces of a row of keys or values in shared memory.
constexpr int PIECES = HEAD_DIM / 8;
// Pieces of a tile of keys that a thread moves.
constexpr int MOVES = KEY_TILE * PIECES / THREADS;
static_assert(HEAD_DIM % 64 == 0 && STAGES >= 3, "see above");
static_assert(THREADS % PIECES == 0 && KEY_TILE * PIECES % THREADS == 0, "every thread moves as much");

template <bool Transposed>
__device__ __forceinline__ void multiply(bf16, float (&d)[32], const u32 (&a)[4], SharedMatrix b, bool add) {
  warpgroupMmaBf16<Transposed>(d, a, b, add);
}
template <bool Transposed>
__device__ __forceinline__ void multiply(f16, float (&d)[32], const u32 (&a)[4], SharedMatrix b, bool add) {
  warpgroupMmaF16<Transposed>(d, a, b, add);
}

// Eight values as ACTIVATIONs: an fp8 is one without loss.
__device__ __forceinline__ uint4 widened(uint2 raw) {
  u32 words[4];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    const float2 x = toFloat2<f16>(fp8x2ToF16x2((u16)((i < 2 ? raw.x : raw.y) >> (i % 2 * 16))));
    words[i] = packFloat2<ACTIVATION>(x.x, x.y);
  }
  return make_uint4(words[0], words[1], words[2], words[3]);
}

// Shared memory: STAGES stages, and 1024 bytes to find a multiple of 1024 in.
extern "C" __global__ void __launch_bounds__(THREADS, RESIDENT)
    attentionHopper(ACTIVATION *out, const ACTIVATION *qkv, const KV *keys, const KV *values, const int *tiles,
                    const int *positions, const int *blockTables, int maxBlocks, float scale, int window) {
  extern __shared__ unsigned char shared[];
  unsigned char *const stages = (unsigned char *)(((u64)shared + 1023ull) & ~1023ull);

  gridDependencyLaunch();
  const int head = blockIdx.x;
  // Uniform in a warp, and known to be: products are for whole warps.
  const int group = __shfl_sync(ALL, (int)threadIdx.x / 128, 0);
  const int lane = threadIdx.x % 32;
  const int t = lane % 4;
  // The last tiles of a prompt see the most and go first.
  const int *tile = tiles + 4 * (gridDim.y - 1 - blockIdx.y);
  const int token = tile[0] + blockIdx.z * (GROUPS * 64);
  const int count = min(GROUPS * 64, tile[1] - (int)blockIdx.z * (GROUPS * 64));
  if (count <= 0) {
    gridDependencyWait();
    return;
  }
  const int position = positions[token];
  const int *table = blockTables + (u64)tile[2] * maxBlocks;
  const int first = max(0, position - window + 1);
  const int end = position + count;
  const int column = head / (HEADS / KV_HEADS) * HEAD_DIM;
  gridDependencyWait();

  // A thread moves one piece of every few rows: its place among them does not change.
  const int pieceOfThread = threadIdx.x % PIECES;
  const int rowOfThread = threadIdx.x / PIECES;
  constexpr int ROWS_AT_ONCE = THREADS / PIECES;
  const KV *keysOfThread = keys + column + pieceOfThread * 8;
  const KV *valuesOfThread = values + column + pieceOfThread * 8;
  const int matrixOfThread = pieceOfThread / 8 * MATRIX;

  // Ids of the cache blocks that this thread moves rows of, for the tile at `at`; what lies beyond the context need not be
  // in the table.
  int ids[MOVES];
  auto find = [&](int at) {
#pragma unroll
    for (int i = 0; i < MOVES; i++) {
      const int p = at + i * ROWS_AT_ONCE + rowOfThread;
      ids[i] = p < end ? __ldg(table + p / 16) : 0;
    }
  };
  // Positions [at, at + KEY_TILE) of keys and values on their way to shared memory; zeros outside [first, end), so that
  // no weight makes nothing of what was never written.
  auto move = [&](int stage, int at) {
    unsigned char *to = stages + stage * STAGE + matrixOfThread;
#pragma unroll
    for (int i = 0; i < MOVES; i++) {
      const int row = i * ROWS_AT_ONCE + rowOfThread;
      const bool valid = at + row >= first && at + row < end;
      const u64 from = ((u64)ids[i] * 16 + row % 16) * ROW;
      const int place = row * 128 + ((pieceOfThread ^ row) % 8) * 16;
      if constexpr (sizeof(KV) == 2) {
        copyAsync16(to + place, keysOfThread + from, valid);
        copyAsync16(to + MATRICES * MATRIX + place, valuesOfThread + from, valid);
      } else {
        const uint2 none = make_uint2(0u, 0u);
        const uint2 k = valid ? *(const uint2 *)(keysOfThread + from) : none;
        const uint2 v = valid ? *(const uint2 *)(valuesOfThread + from) : none;
        *(uint4 *)(to + place) = widened(k);
        *(uint4 *)(to + MATRICES * MATRIX + place) = widened(v);
      }
    }
    copyAsyncCommit();
  };

  const int start = first / KEY_TILE * KEY_TILE;
  // STAGES − 1 tiles are under way, or as many empty groups in place of those past the end.
#pragma unroll
  for (int i = 0; i < STAGES - 1; i++) {
    find(start + i * KEY_TILE);
    if (start + i * KEY_TILE < end) move(i, start + i * KEY_TILE);
    else copyAsyncCommit();
  }
  find(start + (STAGES - 1) * KEY_TILE);

  // Rows of this lane among its block's queries: this and the eighth after.
  const int row = threadIdx.x / 32 * 16 + lane / 4;
  u32 q[HEAD_DIM / 16][4];
  {
    const ACTIVATION *from = qkv + (u64)(token + row) * QKV_ROW + head * HEAD_DIM + 2 * t;
#pragma unroll
    for (int i = 0; i < HEAD_DIM / 16; i++)
#pragma unroll
      for (int j = 0; j < 4; j++)
        q[i][j] = row + j % 2 * 8 < count ? *(const u32 *)(from + j % 2 * 8 * QKV_ROW + i * 16 + j / 2 * 8) : 0u;
  }

  const float minusInfinity = __uint_as_float(0xff800000u);
  const float factor = scale * 1.4426950408889634f;
  // Of the two rows; sums are over this lane's share of the positions.
  float tops[2] = {minusInfinity, minusInfinity};
  float sums[2] = {0.f, 0.f};
  float shrink[2];
  float o[MATRICES][32];
  float s[32];
  u32 weights[KEY_TILE / 16][4];
#pragma unroll
  for (int m = 0; m < MATRICES; m++)
#pragma unroll
    for (int i = 0; i < 32; i++) o[m][i] = 0.f;

  // The scores of a stage's keys, and a stage's values by `weights`: on their way.
  auto score = [&](int stage) {
    const SharedMatrix k = sharedMatrix(stages + stage * STAGE);
#pragma unroll
    for (int i = 0; i < HEAD_DIM / 16; i++)
      multiply<false>(ACTIVATION{}, s, q[i], advanced(k, i / 4 * MATRIX + i % 4 * 32), i > 0);
    warpgroupCommit();
  };
  auto gather = [&](int stage) {
    const SharedMatrix v = sharedMatrix(stages + stage * STAGE + MATRICES * MATRIX);
#pragma unroll
    for (int n = 0; n < KEY_TILE / 16; n++)
#pragma unroll
      for (int m = 0; m < MATRICES; m++)
        multiply<true>(ACTIVATION{}, o[m], weights[n], advanced(v, m * MATRIX + n * 2048), true);
    warpgroupCommit();
  };
  // Scores of the keys at `at` become weights; what was summed before is to shrink.
  auto soften = [&](int at) {
    const int lowest = position + group * 64;
    if (at + KEY_TILE - 1 > lowest || at <= lowest + 63 - window) {
#pragma unroll
      for (int i = 0; i < 32; i++) {
        const int key = at + i / 4 * 8 + 2 * t + i % 2;
        const int query = position + row + i / 2 % 2 * 8;
        if (key > query || key <= query - window) s[i] = minusInfinity;
      }
    }
    float offset[2];
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float most = fmaxf(s[2 * r], s[2 * r + 1]);
#pragma unroll
      for (int n = 1; n < KEY_TILE / 8; n++) most = fmaxf(most, fmaxf(s[4 * n + 2 * r], s[4 * n + 2 * r + 1]));
      most = fmaxf(most, __shfl_xor_sync(ALL, most, 1));
      most = fmaxf(most, __shfl_xor_sync(ALL, most, 2));
      const float next = fmaxf(tops[r], most * factor);
      // Nothing seen yet: every weight is 2^−∞.
      offset[r] = next == minusInfinity ? 0.f : next;
      shrink[r] = exp2Approximate(tops[r] - offset[r]);
      tops[r] = next;
    }
#pragma unroll
    for (int i = 0; i < 32; i++) s[i] = exp2Approximate(fmaf(s[i], factor, -offset[i / 2 % 2]));
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float sum = 0.f;
#pragma unroll
      for (int n = 0; n < KEY_TILE / 8; n++) sum += s[4 * n + 2 * r] + s[4 * n + 2 * r + 1];
      sums[r] = sums[r] * shrink[r] + sum;
    }
  };
  auto pack = [&]() {
#pragma unroll
    for (int n = 0; n < KEY_TILE / 16; n++)
#pragma unroll
      for (int j = 0; j < 4; j++) weights[n][j] = packFloat2<ACTIVATION>(s[8 * n + 2 * j], s[8 * n + 2 * j + 1]);
  };

  // What this group of warps sees ends here; nothing, if it has no queries.
  const int endOfGroup = group * 64 < count ? min(end, position + group * 64 + 64) : 0;

  copyAsyncWait<STAGES - 2>();
  sharedForTensorCores();
  __syncthreads();
  if (start < endOfGroup) {
    warpgroupArrive();
    score(0);
    warpgroupWait<0>();
    settle(s);
    soften(start);
    pack();
  }

  int stage = 0;
#pragma unroll 1
  for (int at = start; at < end; at += KEY_TILE) {
    // The next tile is here, and all have done with the one before, whose room the last one under way takes.
    const int next = stage == STAGES - 1 ? 0 : stage + 1;
    copyAsyncWait<STAGES - 3>();
    sharedForTensorCores();
    __syncthreads();
    const int ahead = at + (STAGES - 1) * KEY_TILE;
    if (ahead < end) move(stage == 0 ? STAGES - 1 : stage - 1, ahead);
    else copyAsyncCommit();
    find(ahead + KEY_TILE);

    if (at + KEY_TILE < endOfGroup) {
      warpgroupArrive();
      score(next);
      gather(stage);
      warpgroupWait<1>();
      settle(s);
      soften(at + KEY_TILE);
      warpgroupWait<0>();
#pragma unroll
      for (int m = 0; m < MATRICES; m++) settle(o[m]);
#pragma unroll
      for (int m = 0; m < MATRICES; m++)
#pragma unroll
        for (int i = 0; i < 32; i++) o[m][i] *= shrink[i / 2 % 2];
      pack();
    } else if (at < endOfGroup) {
      warpgroupArrive();
      gather(stage);
      warpgroupWait<0>();
#pragma unroll
      for (int m = 0; m < MATRICES; m++) settle(o[m]);
    }
    stage = next;
  }

#pragma unroll
  for (int r = 0; r < 2; r++) {
    sums[r] += __shfl_xor_sync(ALL, sums[r], 1);
    sums[r] += __shfl_xor_sync(ALL, sums[r], 2);
    if (row + r * 8 >= count) continue;
    const float share = 1.f / sums[r];
    ACTIVATION *to = out + ((u64)(token + row + r * 8) * HEADS + head) * HEAD_DIM + 2 * t;
#pragma unroll
    for (int d = 0; d < HEAD_DIM / 8; d++)
      *(u32 *)(to + d * 8) =
          packFloat2<ACTIVATION>(o[d / 8][d % 8 * 4 + 2 * r] * share, o[d / 8][d % 8 * 4 + 2 * r + 1] * share);
  }
}
