// Attention of single query tokens over the paged cache, for number types and head sizes that the tensor-core kernels
// (attention-decode.cu, attention-prefill.cu, which share its arguments' shapes) have no words for. All in f32.
// A block takes one query head of one token; its warps take four positions at a time, in turn, their lanes share a row.
// Bytes moved: each visible key and value once for each query head.
#include "lib/reduce.cuh"
#include "lib/types.cuh"

#ifndef ACTIVATION
#define ACTIVATION f32
#endif
#ifndef KV
#define KV f32
#endif
#ifndef HEADS
#define HEADS 4
#endif
#ifndef KV_HEADS
#define KV_HEADS 2
#endif
#ifndef HEAD_DIM
#define HEAD_DIM 40
#endif
#ifndef WARPS
#define WARPS 8
#endif

constexpr int THREADS = WARPS * 32;
constexpr int ROW = KV_HEADS * HEAD_DIM;
// Dims of a lane: lane, lane + 32, …
constexpr int DIMS = (HEAD_DIM + 31) / 32;
constexpr int AT_ONCE = 4;

extern "C" __global__ void __launch_bounds__(THREADS)
    attentionGeneral(ACTIVATION *out, const ACTIVATION *qkv, const KV *keys, const KV *values, const int *singles,
                     const int *positions, const int *sequences, const int *blockTables, int maxBlocks, float scale,
                     int window) {
  __shared__ float tops[WARPS];
  __shared__ float sums[WARPS];
  __shared__ float sumsOfValues[WARPS][HEAD_DIM];

  gridDependencyLaunch();
  gridDependencyWait();
  const int head = blockIdx.x;
  const int token = singles[blockIdx.y];
  const int position = positions[token];
  ACTIVATION *to = out + ((u64)token * HEADS + head) * HEAD_DIM;
  if (position < 0) {
    for (int d = threadIdx.x; d < HEAD_DIM; d += THREADS) to[d] = fromFloat<ACTIVATION>(0.f);
    return;
  }
  const int first = max(0, position - window + 1);
  const int *table = blockTables + (u64)sequences[token] * maxBlocks;
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int column = head / (HEADS / KV_HEADS) * HEAD_DIM;
  const float factor = scale * 1.4426950408889634f;
  const float minusInfinity = __uint_as_float(0xff800000u);

  float q[DIMS], o[DIMS];
#pragma unroll
  for (int j = 0; j < DIMS; j++) {
    const int d = lane + 32 * j;
    q[j] = d < HEAD_DIM ? toFloat(qkv[(u64)token * ((HEADS + 2 * KV_HEADS) * HEAD_DIM) + head * HEAD_DIM + d]) : 0.f;
    o[j] = 0.f;
  }
  float top = minusInfinity;
  float sum = 0.f;
  for (int at = first + warp * AT_ONCE; at <= position; at += WARPS * AT_ONCE) {
    u64 row[AT_ONCE];
    float weight[AT_ONCE];
    float next = top;
#pragma unroll
    for (int i = 0; i < AT_ONCE; i++) {
      // The last position stands in for those beyond it.
      const int p = min(at + i, position);
      row[i] = ((u64)table[p / 16] * 16 + p % 16) * ROW + column;
      float score = 0.f;
#pragma unroll
      for (int j = 0; j < DIMS; j++) {
        const int d = lane + 32 * j;
        if (d < HEAD_DIM) score += q[j] * toFloat(keys[row[i] + d]);
      }
      score = warpSum(score) * factor;
      weight[i] = at + i <= position ? score : minusInfinity;
      next = fmaxf(next, weight[i]);
    }
    const float shrink = exp2f(top - next);
    top = next;
    sum *= shrink;
#pragma unroll
    for (int i = 0; i < AT_ONCE; i++) {
      weight[i] = exp2f(weight[i] - next);
      sum += weight[i];
    }
#pragma unroll
    for (int j = 0; j < DIMS; j++) {
      const int d = lane + 32 * j;
      if (d < HEAD_DIM) {
        o[j] *= shrink;
#pragma unroll
        for (int i = 0; i < AT_ONCE; i++) o[j] += weight[i] * toFloat(values[row[i] + d]);
      }
    }
  }

  if (lane == 0) {
    tops[warp] = top;
    sums[warp] = sum;
  }
#pragma unroll
  for (int j = 0; j < DIMS; j++)
    if (lane + 32 * j < HEAD_DIM) sumsOfValues[warp][lane + 32 * j] = o[j];
  __syncthreads();
  float topOfAll = tops[0];
#pragma unroll
  for (int w = 1; w < WARPS; w++) topOfAll = fmaxf(topOfAll, tops[w]);
  for (int d = threadIdx.x; d < HEAD_DIM; d += THREADS) {
    float total = 0.f, weighted = 0.f;
#pragma unroll
    for (int w = 0; w < WARPS; w++) {
      const float share = exp2f(tops[w] - topOfAll);
      total += share * sums[w];
      weighted += share * sumsOfValues[w][d];
    }
    to[d] = fromFloat<ACTIVATION>(weighted / total);
  }
}
