// attention-prefill.cu's work on the tensor cores of sm_90a, for heads of 64, 128 or 256.
//
// qkv [tokens, (HEADS + 2·KV_HEADS)·HEAD_DIM], q heads first, already rotated; k, v [blocks, 16, KV_HEADS, HEAD_DIM];
// out [tokens, HEADS·HEAD_DIM]. tiles [.., 4]: first token, count ≤ 64 · GROUPS · gridDim.z, sequence, 0; a query sees the
// `window` positions up to its own. Bytes moved: each key and value once for each tile and query head, mostly from L2.
//
// After FlashAttention-3 (Shah et al. 2024): a block takes one query head of a part of a tile, each four of its warps
// 64 of its queries, with queries, weights and sums in registers. The scores of the next keys are multiplied while these keys'
// weights meet their values, and the softmax of the next ones runs beside the latter. Key tiles start at multiples of
// KEY_TILE, and those that a query does not see change nothing: a query's bits do not depend on which others share its tile.
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
// Positions of a tile: 64 or 128.
#ifndef KEY_TILE
#define KEY_TILE 64
#endif
// Tiles of keys and as many of values in shared memory, 2 or more: one at work, the others on their way.
#ifndef STAGES
#define STAGES 2
#endif
// Whether queries stay in shared memory; else in registers.
#ifndef Q_SHARED
#define Q_SHARED (HEAD_DIM > 128)
#endif
// Whether softmax runs beside its own warps' products; else beside those of other blocks alone, with fewer registers.
#ifndef BESIDE
#define BESIDE 1
#endif
// Blocks of the card's multiprocessors that registers are rationed for.
#ifndef RESIDENT
#define RESIDENT 1
#endif

constexpr int THREADS = GROUPS * 128;
// Scores come 64 positions at a time.
constexpr int HALVES = KEY_TILE / 64;
constexpr int ROW = KV_HEADS * HEAD_DIM;
constexpr int QKV_ROW = (HEADS + 2 * KV_HEADS) * HEAD_DIM;
constexpr u32 ALL = 0xffffffffu;
// 64 columns are a matrix, as lib/ptx.cuh has it; in bytes.
constexpr int MATRICES = HEAD_DIM / 64;
constexpr int MATRIX = KEY_TILE * 128;
// A tile of keys, or of values.
constexpr int TILE = MATRICES * MATRIX;
constexpr int QUERIES = MATRICES * 64 * 128;
// 16-byte pieces of a row of keys or values in shared memory.
constexpr int PIECES = HEAD_DIM / 8;
// Pieces of a tile of keys that a thread moves.
constexpr int MOVES = KEY_TILE * PIECES / THREADS;
constexpr int ROWS_AT_ONCE = THREADS / PIECES;
// Moves in a row that stay within one cache block.
constexpr int IN_BLOCK = ROWS_AT_ONCE < 16 ? 16 / ROWS_AT_ONCE : 1;
constexpr int IDS = MOVES / IN_BLOCK;
static_assert(HEAD_DIM % 64 == 0 && KEY_TILE % 64 == 0 && STAGES >= 2, "see above");
static_assert(THREADS % PIECES == 0 && KEY_TILE % ROWS_AT_ONCE == 0 && ROWS_AT_ONCE % 8 == 0, "every thread moves as much");

template <bool Transposed>
__device__ __forceinline__ void multiply(bf16, float (&d)[32], const u32 (&a)[4], SharedMatrix b, bool add) {
  warpgroupMmaBf16<Transposed>(d, a, b, add);
}
template <bool Transposed>
__device__ __forceinline__ void multiply(f16, float (&d)[32], const u32 (&a)[4], SharedMatrix b, bool add) {
  warpgroupMmaF16<Transposed>(d, a, b, add);
}

// Of queries in shared memory.
__device__ __forceinline__ void multiply(bf16, float (&d)[32], SharedMatrix a, SharedMatrix b, bool add) {
  warpgroupMmaBf16(d, a, b, add);
}
__device__ __forceinline__ void multiply(f16, float (&d)[32], SharedMatrix a, SharedMatrix b, bool add) {
  warpgroupMmaF16(d, a, b, add);
}

template <int N> __device__ __forceinline__ void settleAll(float (&d)[N][32]) {
#pragma unroll
  for (int i = 0; i < N; i++) settle(d[i]);
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

// Shared memory: STAGES tiles of keys, as many of values, GROUPS of queries if Q_SHARED, and 1024 bytes to find a multiple
// of 1024 in.
extern "C" __global__ void __launch_bounds__(THREADS, RESIDENT)
    attentionHopper(ACTIVATION *out, const ACTIVATION *qkv, const KV *keys, const KV *values, const int *tiles,
                    const int *positions, const int *blockTables, int maxBlocks, float scale, int window) {
  extern __shared__ unsigned char shared[];
  unsigned char *const keyTiles = shared + (0u - (u32)(u64)shared) % 1024u;
  unsigned char *const valueTiles = keyTiles + STAGES * TILE;
  unsigned char *const queryTiles = valueTiles + STAGES * TILE;

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

  // A thread moves one piece of every few rows: its place among them, in both memories, does not change.
  const int pieceOfThread = threadIdx.x % PIECES;
  const int rowOfThread = threadIdx.x / PIECES;
  const int fromOfThread = rowOfThread % 16 * ROW + column + pieceOfThread * 8;
  const int toOfThread = pieceOfThread / 8 * MATRIX + rowOfThread * 128 + (pieceOfThread ^ rowOfThread) % 8 * 16;

  auto moveSome = [&](unsigned char *tile, const KV *source, int at, auto isValid) {
    const KV *blocks[IDS];
#pragma unroll
    for (int i = 0; i < IDS; i++) {
      const int p = at + i * IN_BLOCK * ROWS_AT_ONCE + (IN_BLOCK > 1 ? 0 : rowOfThread);
      // What lies beyond the context need not be in the table.
      const int id = p < end ? __ldg(table + p / 16) : 0;
      blocks[i] = source + (u64)id * (16 * ROW) + fromOfThread;
    }
#pragma unroll
    for (int i = 0; i < MOVES; i++) {
      const bool valid = isValid(at + i * ROWS_AT_ONCE + rowOfThread);
      const KV *from = blocks[i / IN_BLOCK] + i % IN_BLOCK * ROWS_AT_ONCE * ROW;
      unsigned char *to = tile + toOfThread + i * ROWS_AT_ONCE * 128;
      if constexpr (sizeof(KV) == 2) copyAsync16(to, from, valid);
      else *(uint4 *)to = widened(valid ? *(const uint2 *)from : make_uint2(0u, 0u));
    }
  };
  // Positions [at, at + KEY_TILE) of keys or values on their way to shared memory; zeros outside [first, end), so that
  // no weight makes nothing of what was never written.
  auto move = [&](unsigned char *tile, const KV *source, int at) {
    if (at >= first && at + KEY_TILE <= end) moveSome(tile, source, at, [](int) { return true; });
    else moveSome(tile, source, at, [&](int p) { return p >= first && p < end; });
  };

  const int start = first / KEY_TILE * KEY_TILE;
  if constexpr (Q_SHARED) {
    const int toOfQuery = pieceOfThread / 8 * (64 * 128) + rowOfThread * 128 + (pieceOfThread ^ rowOfThread) % 8 * 16;
    const ACTIVATION *from = qkv + (u64)token * QKV_ROW + head * HEAD_DIM;
#pragma unroll
    for (int i = 0; i < GROUPS * 64 / ROWS_AT_ONCE; i++) {
      const int row = i * ROWS_AT_ONCE + rowOfThread;
      unsigned char *to = queryTiles + row / 64 * QUERIES + toOfQuery + i * ROWS_AT_ONCE % 64 * 128;
      copyAsync16(to, row < count ? from + (u64)row * QKV_ROW + pieceOfThread * 8 : qkv, row < count);
    }
  }
  // Values are a tile behind keys, as they are needed later. Past the end come empty groups.
#pragma unroll
  for (int i = 0; i < STAGES; i++) {
    const int at = start + i * KEY_TILE;
    if (at < end) move(keyTiles + i * TILE, keys, at);
    if (i > 0 && at - KEY_TILE < end) move(valueTiles + (i - 1) * TILE, values, at - KEY_TILE);
    copyAsyncCommit();
  }

  // Rows of this lane among its block's queries: this and the eighth after.
  const int row = threadIdx.x / 32 * 16 + lane / 4;
  u32 q[Q_SHARED ? 1 : HEAD_DIM / 16][4];
  if constexpr (!Q_SHARED) {
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
  u32 weights[KEY_TILE / 16][4];
#pragma unroll
  for (int m = 0; m < MATRICES; m++)
#pragma unroll
    for (int i = 0; i < 32; i++) o[m][i] = 0.f;

  // The scores of a stage's keys, and a stage's values by `weights`: on their way.
  auto score = [&](float (&s)[HALVES][32], int stage) {
    const SharedMatrix k = sharedMatrix(keyTiles + stage * TILE);
    const SharedMatrix shared = sharedMatrix(queryTiles + group * QUERIES);
#pragma unroll
    for (int half = 0; half < HALVES; half++)
#pragma unroll
      for (int i = 0; i < HEAD_DIM / 16; i++) {
        const SharedMatrix b = advanced(k, half * 64 * 128 + i / 4 * MATRIX + i % 4 * 32);
        if constexpr (Q_SHARED) multiply(ACTIVATION{}, s[half], advanced(shared, i / 4 * 64 * 128 + i % 4 * 32), b, i > 0);
        else multiply<false>(ACTIVATION{}, s[half], q[i], b, i > 0);
      }
    warpgroupCommit();
  };
  auto gather = [&](int stage) {
    const SharedMatrix v = sharedMatrix(valueTiles + stage * TILE);
#pragma unroll
    for (int n = 0; n < KEY_TILE / 16; n++)
#pragma unroll
      for (int m = 0; m < MATRICES; m++)
        multiply<true>(ACTIVATION{}, o[m], weights[n], advanced(v, m * MATRIX + n * 2048), true);
    warpgroupCommit();
  };
  // Scores of the keys at `at` become weights; what was summed before is to shrink.
  auto soften = [&](float (&s)[HALVES][32], int at) {
    const int lowest = position + group * 64;
    if (at + KEY_TILE - 1 > lowest || at <= lowest + 63 - window) {
#pragma unroll
      for (int half = 0; half < HALVES; half++)
#pragma unroll
        for (int i = 0; i < 32; i++) {
          const int key = at + half * 64 + i / 4 * 8 + 2 * t + i % 2;
          const int query = position + row + i / 2 % 2 * 8;
          if (key > query || key <= query - window) s[half][i] = minusInfinity;
        }
    }
    float offset[2];
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float most = minusInfinity;
#pragma unroll
      for (int half = 0; half < HALVES; half++)
#pragma unroll
        for (int n = 0; n < 8; n++) most = fmaxf(most, fmaxf(s[half][4 * n + 2 * r], s[half][4 * n + 2 * r + 1]));
      most = fmaxf(most, __shfl_xor_sync(ALL, most, 1));
      most = fmaxf(most, __shfl_xor_sync(ALL, most, 2));
      const float next = fmaxf(tops[r], most * factor);
      // Nothing seen yet: every weight is 2^−∞.
      offset[r] = next == minusInfinity ? 0.f : next;
      shrink[r] = exp2Approximate(tops[r] - offset[r]);
      tops[r] = next;
    }
#pragma unroll
    for (int half = 0; half < HALVES; half++)
#pragma unroll
      for (int i = 0; i < 32; i++) s[half][i] = exp2Approximate(fmaf(s[half][i], factor, -offset[i / 2 % 2]));
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float sum = 0.f;
#pragma unroll
      for (int half = 0; half < HALVES; half++)
#pragma unroll
        for (int n = 0; n < 8; n++) sum += s[half][4 * n + 2 * r] + s[half][4 * n + 2 * r + 1];
      sums[r] = sums[r] * shrink[r] + sum;
    }
  };
  auto pack = [&](const float (&s)[HALVES][32]) {
#pragma unroll
    for (int n = 0; n < KEY_TILE / 16; n++)
#pragma unroll
      for (int j = 0; j < 4; j++)
        weights[n][j] = packFloat2<ACTIVATION>(s[n / 4][n % 4 * 8 + 2 * j], s[n / 4][n % 4 * 8 + 2 * j + 1]);
  };

  // What this group of warps sees ends here; nothing, if it has no queries.
  const int endOfGroup = group * 64 < count ? min(end, position + group * 64 + 64) : 0;

  copyAsyncWait<STAGES - 1>();
  sharedForTensorCores();
  __syncthreads();
  if (start < endOfGroup) {
    float s[HALVES][32];
    warpgroupArrive();
    score(s, 0);
    warpgroupWait<0>();
    settleAll(s);
    soften(s, start);
    pack(s);
  }

  int stage = 0;
#pragma unroll 1
  for (int at = start; at < end; at += KEY_TILE) {
    // The next keys and these values are here, and all have done with these keys and the values before: their room is
    // for those under way.
    const int next = stage == STAGES - 1 ? 0 : stage + 1;
    const int before = stage == 0 ? STAGES - 1 : stage - 1;
    copyAsyncWait<STAGES - 2>();
    sharedForTensorCores();
    __syncthreads();
    const int ahead = at + STAGES * KEY_TILE;
    if (ahead < end) move(keyTiles + stage * TILE, keys, ahead);
    if (ahead - KEY_TILE < end) move(valueTiles + before * TILE, values, ahead - KEY_TILE);
    copyAsyncCommit();

    if (at + KEY_TILE < endOfGroup) {
      // Of each turn its own: nothing is kept of them.
      float s[HALVES][32];
      warpgroupArrive();
      score(s, next);
      gather(stage);
      warpgroupWait<BESIDE>();
      settleAll(s);
      if (BESIDE) {
        soften(s, at + KEY_TILE);
        warpgroupWait<0>();
      }
      settleAll(o);
      if (!BESIDE) soften(s, at + KEY_TILE);
      if (__any_sync(ALL, shrink[0] != 1.f || shrink[1] != 1.f)) {
#pragma unroll
        for (int m = 0; m < MATRICES; m++)
#pragma unroll
          for (int i = 0; i < 32; i++) o[m][i] *= shrink[i / 2 % 2];
      }
      pack(s);
    } else if (at < endOfGroup) {
      warpgroupArrive();
      gather(stage);
      warpgroupWait<0>();
      settleAll(o);
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
