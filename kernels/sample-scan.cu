// What is to be known of every CHUNK logits before a token can be chosen: the greatest, the least and the sum of weights,
// after the row's biases, penalties and bans, and, where log-probabilities are wanted, before them too.
//
// logits f32 [rows, VOCAB]; rows SamplingRow [rows]; drawn i32: what the step before drew; adjusted f32 [rows, VOCAB]: written
// for rows that are adjusted and drawn from; stats ChunkStats [rows, CHUNKS]. Grid: CHUNKS × rows. Moves the logits once.
// Repetition penalty: Keskar et al., "CTRL", 2019; presence and frequency penalties as in OpenAI's API reference.
#include "lib/sampling.cuh"

#ifndef VOCAB
#define VOCAB 32000
#endif
#define THREADS 256
#define WARPS (THREADS / 32)
#define EACH (CHUNK / THREADS)
#define CHUNKS ((VOCAB + CHUNK - 1) / CHUNK)
// Weights below e^-60 of the greatest are nothing, even if all of a vocabulary weighed that.
#define NEGLIGIBLE 60.0

// Where value `e` of thread `threadIdx.x` lies in its chunk: four neighbours at a time.
__device__ __forceinline__ int placeOf(int e) { return (e / 4) * 4 * THREADS + 4 * threadIdx.x + e % 4; }

__device__ __forceinline__ float repeated(float logit, double penalty) {
  return (float)(logit > 0.f ? (double)logit / penalty : (double)logit * penalty);
}
__device__ __forceinline__ float counted(float logit, const SamplingRow &row, int count) {
  return (float)((double)logit - row.presence - row.frequency * (double)count);
}

// Adjusts `values`, the CHUNK logits from id `first` on, in the order bias, repetition, counts, bans.
// `known` is shared memory, [2]. An id stands in each list at most once, but among the banned.
__device__ void adjust(float *values, int first, const SamplingRow &row, const u32 *entries, int last, int *known) {
  const bool mine = (u32)(last - first) < CHUNK && last >= 0 && threadIdx.x == 0;
  if (threadIdx.x < 2) known[threadIdx.x] = 0;
  for (int i = threadIdx.x; i < row.biases; i += THREADS) {
    const u32 at = entries[4 * i] - (u32)first;
    if (at < CHUNK) values[at] = (float)((double)values[at] + *(const double *)(entries + 4 * i + 2));
  }
  entries += 4 * row.biases;
  __syncthreads();
  for (int i = threadIdx.x; i < row.seen; i += THREADS) {
    const u32 at = entries[i] - (u32)first;
    if (at < CHUNK) values[at] = repeated(values[at], row.repetition);
    if ((int)entries[i] == last) known[0] = 1;
  }
  entries += row.seen;
  __syncthreads();
  if (mine && row.repetition != 1.0 && !known[0]) values[last - first] = repeated(values[last - first], row.repetition);
  __syncthreads();
  for (int i = threadIdx.x; i < row.counts; i += THREADS) {
    const bool again = (int)entries[2 * i] == last;
    const u32 at = entries[2 * i] - (u32)first;
    if (at < CHUNK) values[at] = counted(values[at], row, (int)entries[2 * i + 1] + (again ? 1 : 0));
    if (again) known[1] = 1;
  }
  entries += 2 * row.counts;
  __syncthreads();
  if (mine && !known[1]) values[last - first] = counted(values[last - first], row, 1);
  __syncthreads();
  for (int i = threadIdx.x; i < row.banned; i += THREADS) {
    const u32 at = entries[i] - (u32)first;
    if (at < CHUNK) values[at] = -INFINITE;
  }
  __syncthreads();
}

extern "C" __global__ void __launch_bounds__(THREADS)
    sampleScan(const float *logits, const SamplingRow *rows, const u32 *lists, const int *drawn, float *adjusted,
               ChunkStats *stats) {
  __shared__ float values[CHUNK];
  __shared__ int known[2];
  __shared__ u64 bests[WARPS];
  __shared__ float leasts[WARPS], mosts[WARPS];
  __shared__ double sums[WARPS];

  gridDependencyLaunch();
  gridDependencyWait();
  const SamplingRow row = rows[blockIdx.y];
  const int first = blockIdx.x * CHUNK;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const u64 from = (u64)blockIdx.y * VOCAB + first;

  float v[EACH];
#pragma unroll
  for (int e = 0; e < EACH; e += 4) {
    const int at = placeOf(e);
#if VOCAB % 4 == 0
    const float4 four = first + at < VOCAB ? *(const float4 *)(logits + from + at)
                                           : make_float4(NOT_A_NUMBER, NOT_A_NUMBER, NOT_A_NUMBER, NOT_A_NUMBER);
    v[e] = four.x;
    v[e + 1] = four.y;
    v[e + 2] = four.z;
    v[e + 3] = four.w;
#else
#pragma unroll
    for (int i = 0; i < 4; i++) v[e + i] = first + at + i < VOCAB ? logits[from + at + i] : NOT_A_NUMBER;
#endif
  }

  ChunkStats found;
  found.originalMost = -INFINITE;
  found.originalLeast = INFINITE;
  found.originalSum = 0.f;
  if (row.topLogprobs >= 0) {
    // fmaxf and fminf pass over NaN.
    float most = -INFINITE, least = INFINITE;
#pragma unroll
    for (int e = 0; e < EACH; e++) {
      most = fmaxf(most, v[e]);
      if (v[e] > -INFINITE) least = fminf(least, v[e]);
    }
    most = warpMax(most);
    least = warpMin(least);
    if (lane == 0) {
      mosts[warp] = most;
      leasts[warp] = least;
    }
    __syncthreads();
#pragma unroll
    for (int w = 0; w < WARPS; w++) {
      found.originalMost = fmaxf(found.originalMost, mosts[w]);
      found.originalLeast = fminf(found.originalLeast, leasts[w]);
    }
    float sum = 0.f;
#pragma unroll
    for (int e = 0; e < EACH; e++) {
      if (v[e] > -INFINITE) sum += v[e] == found.originalMost ? 1.f : expf(v[e] - found.originalMost);
    }
    sum = warpSum(sum);
    if (lane == 0) sums[warp] = sum;
    __syncthreads();
#pragma unroll
    for (int w = 0; w < WARPS; w++) found.originalSum += (float)sums[w];
    __syncthreads();
  }

  if (row.adjusts) {
#pragma unroll
    for (int e = 0; e < EACH; e++) values[placeOf(e)] = v[e];
    __syncthreads();
    const int last = row.drawnBy < 0 ? NO_TOKEN : max(0, drawn[row.drawnBy]);
    adjust(values, first, row, lists + row.lists, last, known);
#pragma unroll
    for (int e = 0; e < EACH; e++) {
      v[e] = values[placeOf(e)];
      if (row.inverseTemperature > 0.0 && first + placeOf(e) < VOCAB) adjusted[from + placeOf(e)] = v[e];
    }
  }

  u64 best = 0;
  float least = INFINITE;
#pragma unroll
  for (int e = 0; e < EACH; e++) {
    if (!(v[e] > -INFINITE)) continue;
    best = maxOf(best, (u64)orderOf(v[e]) << 32 | (0xffffffffu - (u32)(first + placeOf(e))));
    least = fminf(least, v[e]);
  }
  best = warpMax(best);
  least = warpMin(least);
  if (lane == 0) {
    bests[warp] = best;
    leasts[warp] = least;
  }
  __syncthreads();
  found.best = 0;
  found.least = INFINITE;
#pragma unroll
  for (int w = 0; w < WARPS; w++) {
    found.best = maxOf(found.best, bests[w]);
    found.least = fminf(found.least, leasts[w]);
  }

  found.sum = 0.0;
  if (row.inverseTemperature > 0.0 && found.best != 0) {
    const float most = numberOf((u32)(found.best >> 32));
    double sum = 0.0;
#pragma unroll
    for (int e = 0; e < EACH; e++) {
      const bool counts = v[e] == most || ((double)most - (double)v[e]) * row.inverseTemperature < NEGLIGIBLE;
      if (v[e] > -INFINITE && counts) sum += weightOf(v[e], most, row.inverseTemperature);
    }
    sum = warpSum(sum);
    if (lane == 0) sums[warp] = sum;
    __syncthreads();
#pragma unroll
    for (int w = 0; w < WARPS; w++) found.sum += sums[w];
  }
  if (threadIdx.x == 0) stats[(u64)blockIdx.y * CHUNKS + blockIdx.x] = found;
}
