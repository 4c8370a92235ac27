// Attention of runs of consecutive query tokens over the paged cache: out[t, h] = Σ_p softmax_p(scale · q[t, h] · k[p]) · v[p].
//
// qkv [tokens, (HEADS + 2·KV_HEADS)·HEAD_DIM], q heads first, already rotated; k, v [blocks, 16, KV_HEADS, HEAD_DIM];
// out [tokens, HEADS·HEAD_DIM]. tiles [.., 4]: first token, count ≤ QUERY_TILE · gridDim.z, sequence, 0; a query sees the
// `window` positions up to its own. Bytes moved: each key and value once for each tile and query head, mostly from L2.
//
// FlashAttention-2 (Dao 2023): a block takes one query head of a part of a tile, a warp 16 · TALL of its queries; keys
// and values pass through shared memory KEY_TILE positions at a time, the next ones on their way while these are multiplied;
// softmax is kept up to date in registers, in f32. Key tiles start at multiples of KEY_TILE, and those that a query does not see
// change nothing: a query's bits do not depend on which others share its tile.
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
// A multiple of 16, up to 256.
#ifndef HEAD_DIM
#define HEAD_DIM 128
#endif
#ifndef QUERY_TILE
#define QUERY_TILE 64
#endif
// Sixteens of queries of a warp: 2 halve what it reads of keys and values in shared memory, and double its registers.
#ifndef TALL
#define TALL 1
#endif
// A multiple of 16.
#ifndef KEY_TILE
#define KEY_TILE 64
#endif
// Blocks of the card's multiprocessors that registers are rationed for.
#ifndef RESIDENT
#define RESIDENT 3
#endif

constexpr int THREADS = QUERY_TILE / TALL * 2;
constexpr int ROWS = TALL * 16;
// Queries stay in registers where there is room, else in shared memory.
constexpr bool Q_SHARED = TALL * HEAD_DIM > 128 && TALL > 1;
constexpr int ROW = KV_HEADS * HEAD_DIM;
constexpr int QKV_ROW = (HEADS + 2 * KV_HEADS) * HEAD_DIM;
constexpr u32 ALL = 0xffffffffu;
// 16-byte pieces of a row of keys or values, and of such a row in shared memory: odd, so that no two of the eight rows
// that are read together lie in the same banks.
constexpr int PIECES = HEAD_DIM / 8;
constexpr int STRIDE = (PIECES | 1) * 8;
constexpr int STAGE = KEY_TILE * STRIDE;
// Cache blocks whose addresses are held at a time: of more, they would take the registers of queries and sums.
constexpr int BLOCKS_AT_ONCE = HEAD_DIM > 64 && HEAD_DIM <= 128 ? 2 : 1;
static_assert(HEAD_DIM % 16 == 0 && KEY_TILE % 16 == 0 && QUERY_TILE % ROWS == 0, "see above");

__device__ __forceinline__ void mma(bf16, float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]) { mmaBf16(d, a, b); }
__device__ __forceinline__ void mma(f16, float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]) { mmaF16(d, a, b); }

// What a block knows of its keys.
struct Context {
  const int *table;
  int first, end;
  int column;
};

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

// Positions [at, at + KEY_TILE) of keys and values on their way to shared memory; zeros outside [first, end), so that no
// weight makes nothing of what was never written.
__device__ __forceinline__ void stage(u16 *toKeys, u16 *toValues, const KV *keys, const KV *values,
                                      const Context &context, int at) {
  auto move = [&](int block, int row, int column) {
    const bool valid = at + row >= context.first && at + row < context.end;
    const u64 from = ((u64)block * 16 + row % 16) * ROW + context.column + column * 8;
    const int to = row * STRIDE + column * 8;
    if constexpr (sizeof(KV) == 2) {
      copyAsync16(toKeys + to, keys + from, valid);
      copyAsync16(toValues + to, values + from, valid);
    } else {
      const uint2 none = make_uint2(0u, 0u);
      const uint2 k = valid ? *(const uint2 *)(keys + from) : none, v = valid ? *(const uint2 *)(values + from) : none;
      *(uint4 *)(toKeys + to) = widened(k);
      *(uint4 *)(toValues + to) = widened(v);
    }
  };
  // What lies beyond the context need not be in the table.
  auto blockOf = [&](int position) { return position < context.end ? __ldg(context.table + position / 16) : 0; };
  if constexpr (16 * PIECES % THREADS == 0) {
#pragma unroll BLOCKS_AT_ONCE
    for (int i = 0; i < KEY_TILE / 16; i++) {
      const int block = blockOf(at + i * 16);
#pragma unroll
      for (int j = 0; j < 16 * PIECES / THREADS; j++) {
        const int piece = j * THREADS + (int)threadIdx.x;
        move(block, i * 16 + piece / PIECES, piece % PIECES);
      }
    }
  } else {
#pragma unroll 1
    for (int piece = threadIdx.x; piece < KEY_TILE * PIECES; piece += THREADS)
      move(blockOf(at + piece / PIECES), piece / PIECES, piece % PIECES);
  }
}

// Shared memory: 2 stages of keys and 2 of values, 4 · STAGE values of 16 bits; QUERY_TILE · STRIDE more if Q_SHARED.
extern "C" __global__ void __launch_bounds__(THREADS, RESIDENT)
    attentionPrefill(ACTIVATION *out, const ACTIVATION *qkv, const KV *keys, const KV *values, const int *tiles,
                     const int *positions, const int *blockTables, int maxBlocks, float scale, int window) {
  extern __shared__ unsigned char shared[];
  u16 *const keyStages = (u16 *)shared;
  u16 *const valueStages = keyStages + 2 * STAGE;

  gridDependencyLaunch();
  const int head = blockIdx.x;
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int g = lane / 4;
  const int t = lane % 4;
  // The last tiles of a prompt see the most and go first.
  const int *tile = tiles + 4 * (gridDim.y - 1 - blockIdx.y);
  const int token = tile[0] + blockIdx.z * QUERY_TILE;
  const int count = min(QUERY_TILE, tile[1] - (int)blockIdx.z * QUERY_TILE);
  if (count <= 0) {
    gridDependencyWait();
    return;
  }
  const int position = positions[token];
  Context context;
  context.table = blockTables + (u64)tile[2] * maxBlocks;
  context.first = max(0, position - window + 1);
  context.end = position + count;
  context.column = head / (HEADS / KV_HEADS) * HEAD_DIM;
  gridDependencyWait();

  int at = context.first / KEY_TILE * KEY_TILE;
  stage(keyStages, valueStages, keys, values, context, at);
  copyAsyncCommit();

  // Rows g and g + 8 of each sixteen of this warp's queries.
  const int row = warp * ROWS + g;
  u32 q[Q_SHARED ? 1 : HEAD_DIM / 16][TALL][4];
  u16 *const queries = valueStages + 2 * STAGE;
  if constexpr (Q_SHARED) {
    // Its own rows alone: nobody else reads them.
    const ACTIVATION *from = qkv + (u64)(token + warp * ROWS) * QKV_ROW + head * HEAD_DIM;
#pragma unroll 4
    for (int i = lane; i < ROWS * PIECES; i += 32) {
      const int r = i / PIECES, piece = i % PIECES * 8;
      const bool valid = warp * ROWS + r < count;
      copyAsync16(queries + (warp * ROWS + r) * STRIDE + piece, valid ? from + (u64)r * QKV_ROW + piece : qkv, valid);
    }
    copyAsyncCommit();
  } else {
    const ACTIVATION *from = qkv + (u64)(token + row) * QKV_ROW + head * HEAD_DIM + 2 * t;
#pragma unroll
    for (int i = 0; i < HEAD_DIM / 16; i++)
#pragma unroll
      for (int m = 0; m < TALL; m++)
#pragma unroll
        for (int j = 0; j < 4; j++) {
          const int r = m * 16 + j % 2 * 8;
          q[i][m][j] = row + r < count ? *(const u32 *)(from + r * QKV_ROW + i * 16 + j / 2 * 8) : 0u;
        }
  }

  const float minusInfinity = __uint_as_float(0xff800000u);
  const float factor = scale * 1.4426950408889634f;
  // Of rows g and g + 8; sums are over this lane's share of the positions.
  float tops[TALL][2], sums[TALL][2];
#pragma unroll
  for (int m = 0; m < TALL; m++) {
    tops[m][0] = tops[m][1] = minusInfinity;
    sums[m][0] = sums[m][1] = 0.f;
  }
  float o[TALL][HEAD_DIM / 8][4] = {};
  // Where this lane points for four 8×8 matrices: of keys, [positions + 0, 8][dims + 0, 8] with dims first; of values,
  // with positions first.
  const int keyOfLane = (lane / 16 * 8 + lane % 8) * STRIDE + lane / 8 % 2 * 8;
  const int valueOfLane = (lane / 8 % 2 * 8 + lane % 8) * STRIDE + lane / 16 * 8;
  const int queryOfLane = warp * ROWS * STRIDE + valueOfLane;

  for (int turn = 0; at < context.end; turn ^= 1, at += KEY_TILE) {
    // This tile is here, and all have done with the one before, whose room the next one takes.
    copyAsyncWait<0>();
    __syncthreads();
    if (at + KEY_TILE < context.end) {
      const int other = (turn ^ 1) * STAGE;
      stage(keyStages + other, valueStages + other, keys, values, context, at + KEY_TILE);
      copyAsyncCommit();
    }
    // Of this warp's queries the last sees up to here, the first from there.
    const int lowest = position + warp * ROWS;
    if (at > lowest + ROWS - 1 || warp * ROWS >= count) continue;

    const u16 *k = keyStages + turn * STAGE + keyOfLane;
    float s[TALL][KEY_TILE / 8][4] = {};
#pragma unroll
    for (int i = 0; i < HEAD_DIM / 16; i++) {
      if constexpr (Q_SHARED) {
#pragma unroll
        for (int m = 0; m < TALL; m++) loadMatrix4(q[0][m], queries + queryOfLane + m * 16 * STRIDE + i * 16);
      }
#pragma unroll
      for (int n = 0; n < KEY_TILE / 16; n++) {
        u32 b[4];
        loadMatrix4(b, k + n * 16 * STRIDE + i * 16);
        const u32 low[2] = {b[0], b[1]}, high[2] = {b[2], b[3]};
#pragma unroll
        for (int m = 0; m < TALL; m++) {
          mma(ACTIVATION{}, s[m][2 * n], q[Q_SHARED ? 0 : i][m], low);
          mma(ACTIVATION{}, s[m][2 * n + 1], q[Q_SHARED ? 0 : i][m], high);
        }
      }
    }

    if (at + KEY_TILE - 1 > lowest || at <= lowest + ROWS - 1 - window) {
#pragma unroll
      for (int m = 0; m < TALL; m++)
#pragma unroll
        for (int n = 0; n < KEY_TILE / 8; n++)
#pragma unroll
          for (int j = 0; j < 4; j++) {
            const int key = at + n * 8 + 2 * t + j % 2;
            const int query = lowest + m * 16 + g + j / 2 * 8;
            if (key > query || key <= query - window) s[m][n][j] = minusInfinity;
          }
    }

    // The weights of 16 positions are a fragment of A.
    u32 weights[TALL][KEY_TILE / 16][4];
#pragma unroll
    for (int m = 0; m < TALL; m++) {
      float shrink[2], offset[2];
#pragma unroll
      for (int r = 0; r < 2; r++) {
        float most = s[m][0][2 * r];
#pragma unroll
        for (int n = 0; n < KEY_TILE / 8; n++) most = fmaxf(most, fmaxf(s[m][n][2 * r], s[m][n][2 * r + 1]));
        most = fmaxf(most, __shfl_xor_sync(ALL, most, 1));
        most = fmaxf(most, __shfl_xor_sync(ALL, most, 2));
        const float next = fmaxf(tops[m][r], most * factor);
        // Nothing seen yet: every weight is 2^−∞.
        offset[r] = next == minusInfinity ? 0.f : next;
        shrink[r] = exp2Approximate(tops[m][r] - offset[r]);
        tops[m][r] = next;
      }
#pragma unroll
      for (int n = 0; n < KEY_TILE / 8; n++)
#pragma unroll
        for (int j = 0; j < 4; j++) s[m][n][j] = exp2Approximate(fmaf(s[m][n][j], factor, -offset[j / 2]));
#pragma unroll
      for (int r = 0; r < 2; r++) {
        float sum = 0.f;
#pragma unroll
        for (int n = 0; n < KEY_TILE / 8; n++) sum += s[m][n][2 * r] + s[m][n][2 * r + 1];
        sums[m][r] = sums[m][r] * shrink[r] + sum;
      }
      if (__any_sync(ALL, shrink[0] != 1.f || shrink[1] != 1.f)) {
#pragma unroll
        for (int d = 0; d < HEAD_DIM / 8; d++)
#pragma unroll
          for (int j = 0; j < 4; j++) o[m][d][j] *= shrink[j / 2];
      }
#pragma unroll
      for (int n = 0; n < KEY_TILE / 8; n++)
#pragma unroll
        for (int r = 0; r < 2; r++)
          weights[m][n / 2][n % 2 * 2 + r] = packFloat2<ACTIVATION>(s[m][n][2 * r], s[m][n][2 * r + 1]);
    }

    const u16 *v = valueStages + turn * STAGE + valueOfLane;
#pragma unroll
    for (int n = 0; n < KEY_TILE / 16; n++)
#pragma unroll
      for (int d = 0; d < HEAD_DIM / 16; d++) {
        u32 b[4];
        loadMatrix4Transposed(b, v + n * 16 * STRIDE + d * 16);
        const u32 low[2] = {b[0], b[1]}, high[2] = {b[2], b[3]};
#pragma unroll
        for (int m = 0; m < TALL; m++) {
          mma(ACTIVATION{}, o[m][2 * d], weights[m][n], low);
          mma(ACTIVATION{}, o[m][2 * d + 1], weights[m][n], high);
        }
      }
  }

#pragma unroll
  for (int m = 0; m < TALL; m++)
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float sum = sums[m][r];
      sum += __shfl_xor_sync(ALL, sum, 1);
      sum += __shfl_xor_sync(ALL, sum, 2);
      const int query = row + m * 16 + r * 8;
      if (query >= count) continue;
      const float share = 1.f / sum;
      ACTIVATION *to = out + ((u64)(token + query) * HEADS + head) * HEAD_DIM + 2 * t;
#pragma unroll
      for (int d = 0; d < HEAD_DIM / 8; d++)
        *(u32 *)(to + d * 8) = packFloat2<ACTIVATION>(o[m][d][2 * r] * share, o[m][d][2 * r + 1] * share);
    }
}
