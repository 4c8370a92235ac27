// Attention of single query tokens over the paged cache: out[t, h] = Σ_p softmax_p(scale · q[t, h] · k[p]) · v[p].
//
// qkv [tokens, (HEADS + 2·KV_HEADS)·HEAD_DIM], q heads first, already rotated; k, v [blocks, 16, KV_HEADS, HEAD_DIM];
// out [tokens, HEADS·HEAD_DIM]. singles[i] is the token of blockIdx.z = i; it sees the `window` positions up to its own.
// Bytes moved: each visible key and value once (twice for groups above 8 heads).
//
// Split over positions as in Flash-Decoding (Dao et al. 2023): a block takes one split of one kv head, for up to 8 query
// heads of its group; the last block of a token's splits merges them. How a context is split depends on its length
// alone, so a token's bits do not depend on what else is in the step.
//
// A warp takes 16 positions, one cache block, at a time. Both products run on tensor cores straight from registers:
// their inner dimension may be permuted if both factors are, so every lane loads 16 consecutive bytes of a row.
//   scores[head, position] = Q · Kᵀ: heads are rows 0 … 7 of A (the other rows are zero), positions are columns of B
//   outᵀ[dim, head] += Vᵀ · Pᵀ: pairs of V's rows are interleaved into A; the scores' fragment is that of B already
#include "lib/types.cuh"

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
// Query heads of a group that a block takes, up to 8.
#ifndef PACK
#define PACK 1
#endif
// Positions of a split, a multiple of 16, in contexts of up to SPLIT · MAX_SPLITS; longer ones are split into longer ones.
#ifndef SPLIT
#define SPLIT 256
#endif
// Contexts of up to so many positions are not split.
#ifndef WHOLE
#define WHOLE 512
#endif
// At most a warp's lanes.
#ifndef MAX_SPLITS
#define MAX_SPLITS 32
#endif
// A split's cache blocks are dealt out to so many portions, each of which is summed on its own.
#ifndef PORTIONS
#define PORTIONS 8
#endif
// They share the portions: what they are changes no bits.
#ifndef WARPS
#define WARPS 8
#endif
// When the next launch may start, and take the memory: 0 at once, 1 when the first loads are under way, 2 after the last.
#ifndef LAUNCH
#define LAUNCH 0
#endif

constexpr int THREADS = WARPS * 32;
// Whether a warp takes several portions, one after the other.
constexpr bool SEVERAL = PORTIONS > WARPS;
constexpr int GROUP = HEADS / KV_HEADS;
constexpr int PARTS = (GROUP + PACK - 1) / PACK;
constexpr int ROW = KV_HEADS * HEAD_DIM;
constexpr u32 ALL = 0xffffffffu;
static_assert(HEAD_DIM % 16 == 0 && PACK <= 8 && MAX_SPLITS <= 32 && SPLIT % 16 == 0 && PORTIONS % WARPS == 0, "see above");

// What is multiplied: an fp8 is an f16 without loss.
template <typename T> struct Factor {
  typedef T type;
};
template <> struct Factor<fp8> {
  typedef f16 type;
};
typedef Factor<KV>::type F;

__device__ __forceinline__ void mma(bf16, float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]) { mmaBf16(d, a, b); }
__device__ __forceinline__ void mma(f16, float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]) { mmaF16(d, a, b); }

__device__ constexpr int dividing(int most, int whole) {
  while (whole % most != 0) most /= 2;
  return most;
}
// Consecutive elements that a lane loads of a key's row, which four lanes share, and of a value's row, which eight share.
constexpr int K_RUN = dividing(16 / sizeof(KV), HEAD_DIM / 4);
constexpr int V_RUN = dividing(16 / sizeof(KV), HEAD_DIM / 8);
constexpr int K_RUNS = HEAD_DIM / (4 * K_RUN);
constexpr int V_RUNS = HEAD_DIM / (8 * V_RUN);
// Whether the next keys are fetched while values are still multiplied: a question of registers.
constexpr bool DEEP = HEAD_DIM <= 128;

// RUN elements of the cache, as they lie in memory.
template <int RUN> struct Run {
  static constexpr int BYTES = RUN * sizeof(KV);
  u32 words[(BYTES + 3) / 4];

  __device__ __forceinline__ void load(const KV *from) {
    if constexpr (BYTES == 16) {
      uint4 v = loadStreaming((const uint4 *)from);
      words[0] = v.x, words[1] = v.y, words[2] = v.z, words[3] = v.w;
    } else if constexpr (BYTES == 8) {
      uint2 v = *(const uint2 *)from;
      words[0] = v.x, words[1] = v.y;
    } else if constexpr (BYTES == 4) {
      words[0] = *(const u32 *)from;
    } else {
      words[0] = *(const u16 *)from;
    }
  }
  // Elements 2i and 2i + 1 as factors.
  __device__ __forceinline__ u32 pair(int i) const {
    if constexpr (sizeof(KV) == 1) return fp8x2ToF16x2((u16)(words[i / 2] >> (i % 2 * 16)));
    else return words[i];
  }
  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int i = 0; i < (BYTES + 3) / 4; i++) words[i] = 0;
  }
};

// What a lane multiplies its run of a key with: too many registers, so it is read again and again.
struct alignas(K_RUN >= 8 ? 16 : 8) QueryRun {
  u32 words[K_RUN / 2];
};

// Two activations as factors.
__device__ __forceinline__ u32 factors(u32 word) {
  if constexpr (sizeof(KV) == 2) return word;
  float2 x = toFloat2<ACTIVATION>(word);
  const float most = 65504.f;
  return packFloat2<F>(fminf(fmaxf(x.x, -most), most), fminf(fmaxf(x.y, -most), most));
}

// `counters` [singles, KV_HEADS · PARTS] are zero before and after; `statistics` [singles, HEADS, gridDim.x] hold each
// split's largest score and sum of weights, `partials` [singles, HEADS, gridDim.x, HEAD_DIM] its weighted sum of values.
// `settled`: all but a token's own key and value were there before this step began.
extern "C" __global__ void __launch_bounds__(THREADS, (DEEP ? 512 : 256) / THREADS)
    attentionDecode(ACTIVATION *out, const ACTIVATION *qkv, const KV *keys, const KV *values, const int *singles,
                    const int *positions, const int *sequences, const int *blockTables, int maxBlocks, float scale,
                    int window, u32 settled, u32 *counters, float2 *statistics, float *partials) {
  __shared__ QueryRun q[K_RUNS][32];
  __shared__ float tops[PORTIONS][PACK];
  __shared__ float sums[PORTIONS][PACK];
  __shared__ float sumsOfValues[PORTIONS][PACK][HEAD_DIM];
  __shared__ float shares[PACK][MAX_SPLITS];
  __shared__ bool isLast;

  if (LAUNCH == 0) gridDependencyLaunch();
  const int split = blockIdx.x;
  const int kvHead = blockIdx.y / PARTS;
  const int firstHead = kvHead * GROUP + blockIdx.y % PARTS * PACK;
  const int heads = min(PACK, (kvHead + 1) * GROUP - firstHead);
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int g = lane / 4;
  const int t = lane % 4;

  // What the host sent for this step was there before the step's first kernel. Where all tokens are singles, as in most
  // steps, a single is the token of its own index: all that is known of it is asked for at once.
  const int index = blockIdx.z;
  const int token = singles[index];
  int position = positions[index];
  int sequence = sequences[index];
  if (token != index) {
    position = positions[token];
    sequence = sequences[token];
  }
  ACTIVATION *to = out + (u64)token * HEADS * HEAD_DIM + firstHead * HEAD_DIM;
  if (position < 0) {
    gridDependencyWait();
    if (split == 0)
      for (int i = threadIdx.x; i < heads * HEAD_DIM; i += THREADS) to[i] = fromFloat<ACTIVATION>(0.f);
    return;
  }
  const int first = max(0, position - window + 1);
  const int start = first / 16 * 16;
  const int length = position + 1 - start;
  int splitLength = length <= WHOLE ? WHOLE : SPLIT;
  while ((length + splitLength - 1) / splitLength > MAX_SPLITS) splitLength *= 2;
  const int splits = (length + splitLength - 1) / splitLength;
  if (split >= splits) {
    gridDependencyWait();
    return;
  }

  // This split's cache blocks are shared out to the portions in turn. A lane knows the id of one: where a warp has one
  // portion, of every 32nd of those, else of the first 32 of all.
  const int firstTile = start / 16 + split * (splitLength / 16);
  const int tiles = (min(splitLength, length - split * splitLength) + 15) / 16;
  const int *table = blockTables + (u64)sequence * maxBlocks + firstTile;
  int ids = 0;
  if (SEVERAL && lane < tiles) ids = table[lane];
  auto blockOf = [&](int tile) {
    if constexpr (SEVERAL) {
      return tiles <= 32 ? __shfl_sync(ALL, ids, tile) : __ldg(table + tile);
    } else {
      const int turn = tile / PORTIONS;
      if (turn % 32 == 0) ids = tile + lane * PORTIONS < tiles ? table[tile + lane * PORTIONS] : 0;
      return __shfl_sync(ALL, ids, turn % 32);
    }
  };
  // The cache block after this one among those of a warp: of the same portion, or the first of its next one.
  auto after = [&](int tile) {
    if (!SEVERAL || tile + PORTIONS < tiles) return tile + PORTIONS;
    const int portion = tile % PORTIONS + WARPS;
    return portion < PORTIONS ? portion : tiles;
  };

  Run<K_RUN> k[2][K_RUNS];
  Run<V_RUN> v[4][V_RUNS];
  const KV *keysOfLane = keys + g * ROW + kvHead * HEAD_DIM + t * K_RUN;
  const KV *valuesOfLane = values + 2 * t * ROW + kvHead * HEAD_DIM + g * V_RUN;
  // Keys g and g + 8, values 2t, 2t + 1, 2t + 8 and 2t + 9 of a cache block. Rows beyond the context are there to be read.
  auto loadKeys = [&](int block) {
    const KV *from = keysOfLane + (u64)block * (16 * ROW);
#pragma unroll
    for (int half = 0; half < 2; half++)
#pragma unroll
      for (int c = 0; c < K_RUNS; c++) k[half][c].load(from + half * 8 * ROW + c * 4 * K_RUN);
  };
  auto loadValues = [&](int block) {
    const KV *from = valuesOfLane + (u64)block * (16 * ROW);
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
      for (int c = 0; c < V_RUNS; c++) v[i][c].load(from + (i / 2 * 8 + i % 2) * ROW + c * 8 * V_RUN);
  };

  const bool works = warp < tiles;
  const bool early = settled != 0 && (firstTile + warp) * 16 + 15 < position;
  int block = works ? blockOf(warp) : 0;
  if (works && early) {
    loadKeys(block);
    if (DEEP) loadValues(block);
  }
  gridDependencyWait();
  if (works && !early) {
    loadKeys(block);
    if (DEEP) loadValues(block);
  }

  if (LAUNCH == 1) gridDependencyLaunch();

  for (int i = threadIdx.x; i < K_RUNS * 32; i += THREADS) {
    const int row = i % 32 / 4;
    const u32 *from = (const u32 *)(qkv + (u64)token * ((HEADS + 2 * KV_HEADS) * HEAD_DIM) +
                                    (firstHead + row) * HEAD_DIM + (i / 32 * 4 + i % 4) * K_RUN);
#pragma unroll
    for (int j = 0; j < K_RUN / 2; j++) q[i / 32][i % 32].words[j] = row < heads ? factors(from[j]) : 0u;
  }
  __syncthreads();

  const float minusInfinity = __uint_as_float(0xff800000u);
  // In powers of two.
  const float factor = scale * 1.4426950408889634f;
  // Of head g, over what this portion has seen; the sum is over this lane's share of the positions.
  float top = minusInfinity;
  float sum = 0.f;
  // [run of values, pair of its dims]: dims 2i (0, 1) and 2i + 1 (2, 3) of heads 2t (0, 2) and 2t + 1 (1, 3).
  float o[V_RUNS][V_RUN / 2][4] = {};

  auto finish = [&](int portion) {
    sum += __shfl_xor_sync(ALL, sum, 1);
    sum += __shfl_xor_sync(ALL, sum, 2);
    if (t == 0 && g < PACK) {
      tops[portion][g] = top;
      sums[portion][g] = sum;
    }
#pragma unroll
    for (int c = 0; c < V_RUNS; c++)
#pragma unroll
      for (int i = 0; i < V_RUN / 2; i++)
#pragma unroll
        for (int j = 0; j < 4; j++)
          if (2 * t + j % 2 < PACK)
            sumsOfValues[portion][2 * t + j % 2][c * 8 * V_RUN + g * V_RUN + 2 * i + j / 2] = o[c][i][j];
  };

  for (int tile = warp, next; tile < tiles; tile = next) {
    const int at = (firstTile + tile) * 16;
    next = after(tile);
    const bool more = next < tiles;
    const int thisBlock = block;
    if (more) block = blockOf(next);

    float scores[2][4] = {};
#pragma unroll
    for (int c = 0; c < K_RUNS; c++) {
      const QueryRun run = q[c][lane];
#pragma unroll
      for (int i = 0; i < K_RUN / 4; i++) {
        const u32 a[4] = {run.words[2 * i], 0u, run.words[2 * i + 1], 0u};
#pragma unroll
        for (int half = 0; half < 2; half++) {
          const u32 b[2] = {k[half][c].pair(2 * i), k[half][c].pair(2 * i + 1)};
          mma(F{}, scores[half], a, b);
        }
      }
    }
    if (DEEP) {
      if (more) loadKeys(block);
    } else {
      loadValues(thisBlock);
    }

    float x[4] = {scores[0][0] * factor, scores[0][1] * factor, scores[1][0] * factor, scores[1][1] * factor};
    if (at < first || at + 15 > position) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        const int p = at + 2 * t + i / 2 * 8 + i % 2;
        if (p < first || p > position) {
          // No weight makes nothing of a NaN.
          x[i] = minusInfinity;
#pragma unroll
          for (int c = 0; c < V_RUNS; c++) v[i][c].clear();
        }
      }
    }
    float most = fmaxf(fmaxf(x[0], x[1]), fmaxf(x[2], x[3]));
    most = fmaxf(most, __shfl_xor_sync(ALL, most, 1));
    most = fmaxf(most, __shfl_xor_sync(ALL, most, 2));
    // Every cache block here holds a visible position, so this is finite.
    const float risen = fmaxf(top, most);
    const float shrink = exp2Approximate(top - risen);
    top = risen;
#pragma unroll
    for (int i = 0; i < 4; i++) x[i] = exp2Approximate(x[i] - risen);
    sum = sum * shrink + ((x[0] + x[1]) + (x[2] + x[3]));
    if (__any_sync(ALL, shrink != 1.f)) {
      const float even = __shfl_sync(ALL, shrink, 8 * t);
      const float odd = __shfl_sync(ALL, shrink, 8 * t + 4);
#pragma unroll
      for (int c = 0; c < V_RUNS; c++)
#pragma unroll
        for (int i = 0; i < V_RUN / 2; i++) {
          o[c][i][0] *= even, o[c][i][1] *= odd;
          o[c][i][2] *= even, o[c][i][3] *= odd;
        }
    }
    const u32 weights[2] = {packFloat2<F>(x[0], x[1]), packFloat2<F>(x[2], x[3])};
#pragma unroll
    for (int c = 0; c < V_RUNS; c++)
#pragma unroll
      for (int i = 0; i < V_RUN / 2; i++) {
        const u32 v0 = v[0][c].pair(i), v1 = v[1][c].pair(i), v2 = v[2][c].pair(i), v3 = v[3][c].pair(i);
        const u32 a[4] = {(v0 & 0xffffu) | (v1 << 16), (v0 >> 16) | (v1 & 0xffff0000u), (v2 & 0xffffu) | (v3 << 16),
                          (v2 >> 16) | (v3 & 0xffff0000u)};
        mma(F{}, o[c][i], a, weights);
      }
    if (more) {
      if (DEEP) loadValues(block);
      else loadKeys(block);
    }
    // Inside the loop only where it must be: it costs the loads under way some of their lead.
    if (SEVERAL && tile + PORTIONS >= tiles) {
      finish(tile % PORTIONS);
      // What was summed shrinks to nothing at the next portion's first scores.
      top = minusInfinity;
    }
  }
  if (!SEVERAL && works) finish(warp);
  if (LAUNCH == 2) gridDependencyLaunch();
  __syncthreads();

  // Portions in order, those that have anything.
  const int portions = min(PORTIONS, tiles);
  const u64 rowOfSplits = ((u64)blockIdx.z * HEADS + firstHead) * gridDim.x;
  for (int i = threadIdx.x; i < heads * HEAD_DIM; i += THREADS) {
    const int h = i / HEAD_DIM, d = i % HEAD_DIM;
    float topOfAll = tops[0][h];
    for (int w = 1; w < portions; w++) topOfAll = fmaxf(topOfAll, tops[w][h]);
    float total = 0.f, weighted = 0.f;
#pragma unroll
    for (int w = 0; w < PORTIONS; w++) {
      if (w >= portions) break;
      const float share = exp2Approximate(tops[w][h] - topOfAll);
      total += share * sums[w][h];
      weighted += share * sumsOfValues[w][h][d];
    }
    if (splits == 1) {
      to[i] = fromFloat<ACTIVATION>(weighted / total);
    } else {
      const u64 row = rowOfSplits + (u64)h * gridDim.x + split;
      partials[row * HEAD_DIM + d] = weighted;
      if (d == 0) statistics[row] = make_float2(topOfAll, total);
    }
  }
  if (splits == 1) return;

  __syncthreads();
  u32 *counter = counters + (u64)blockIdx.z * gridDim.y + blockIdx.y;
  if (threadIdx.x == 0) isLast = addRelease(counter, 1u) == (u32)splits - 1u;
  __syncthreads();
  if (!isLast) return;
  if (threadIdx.x == 0) *counter = 0u;

  // The same once more, splits in order; a lane weighs a split.
  for (int h = warp; h < heads; h += WARPS) {
    const float2 mine =
        lane < splits ? statistics[rowOfSplits + (u64)h * gridDim.x + lane] : make_float2(minusInfinity, 0.f);
    float topOfAll = mine.x;
#pragma unroll
    for (int mask = 16; mask > 0; mask >>= 1) topOfAll = fmaxf(topOfAll, __shfl_xor_sync(ALL, topOfAll, mask));
    const float share = exp2Approximate(mine.x - topOfAll);
    float total = share * mine.y;
#pragma unroll
    for (int mask = 16; mask > 0; mask >>= 1) total += __shfl_xor_sync(ALL, total, mask);
    if (lane < splits) shares[h][lane] = share / total;
  }
  __syncthreads();
  for (int i = threadIdx.x; i < heads * HEAD_DIM; i += THREADS) {
    const int h = i / HEAD_DIM, d = i % HEAD_DIM;
    const float *from = partials + (rowOfSplits + (u64)h * gridDim.x) * HEAD_DIM + d;
    float weighted = 0.f;
#pragma unroll 8
    for (int s = 0; s < splits; s++) weighted += shares[h][s] * from[s * HEAD_DIM];
    to[i] = fromFloat<ACTIVATION>(weighted);
  }
}
