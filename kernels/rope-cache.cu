// Rotary position embedding (Su et al. 2021) of a step's queries and keys, and its keys and values into the cache:
//
//   qkv ACTIVATION [tokens, (HEADS + 2·KV_HEADS)·HEAD_DIM] = q heads | k heads | v heads
//   q: normalised over each head where NORMED, rotated by the token's position on the pairs (i, i + HEAD_DIM/2), in place
//   k: likewise, to keys[slots[t]] of CACHE [slots, KV_HEADS, HEAD_DIM]; what qkv holds of it stays as it was
//   v: to values[slots[t]]; slot −1: nothing is written
//
// What lies between the values that are read and those that are written is f32. LANES lanes of a warp share a head, each
// with vectors at i and i + HEAD_DIM/2. Positions, slots, angles and norm weights are no kernel's work, so they are
// fetched before the kernel ahead is over. Bytes: qkv once, and once what is written of it.
#include "lib/vector.cuh"

#ifndef ACTIVATION
#define ACTIVATION bf16
#endif
#ifndef CACHE
#define CACHE bf16
#endif
#ifndef HEADS
#define HEADS 32
#endif
#ifndef KV_HEADS
#define KV_HEADS 32
#endif
#ifndef HEAD_DIM
#define HEAD_DIM 128
#endif
#ifndef NORMED
#define NORMED 0
#endif
#ifndef THREADS
#define THREADS 128
#endif

constexpr int HALF = HEAD_DIM / 2;
constexpr int V = vectorOf(HALF, 8);
constexpr int VECTORS = HALF / V;

constexpr int lanesFor(int vectors) {
  int lanes = 1;
  while (lanes < vectors && lanes < 32) lanes *= 2;
  return lanes;
}
constexpr int LANES = lanesFor(VECTORS);
// Vectors of each half that a lane has.
constexpr int CHUNKS = (VECTORS + LANES - 1) / LANES;
constexpr int ALL_HEADS = HEADS + 2 * KV_HEADS;
constexpr int BLOCK_HEADS = THREADS / LANES;
constexpr int BLOCKS = (ALL_HEADS + BLOCK_HEADS - 1) / BLOCK_HEADS;

template <typename T>
__device__ __forceinline__ void storeHead(T *to, int lane, const float (&low)[CHUNKS][V], const float (&high)[CHUNKS][V]) {
#pragma unroll
  for (int n = 0; n < CHUNKS; n++) {
    const int i = (n * LANES + lane) * V;
    if (i >= HALF) continue;
    storeFloats(to + i, low[n]);
    storeFloats(to + i + HALF, high[n]);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    ropeAndCache(ACTIVATION *qkv, CACHE *keys, CACHE *values, const int *positions, const int *slots, const float *cosines,
                 const float *sines, const float *qWeight, const float *kWeight, float epsilon, float offset) {
  gridDependencyLaunch();
  const int t = blockIdx.x / BLOCKS;
  const int head = (blockIdx.x % BLOCKS) * BLOCK_HEADS + threadIdx.x / LANES;
  const int lane = threadIdx.x % LANES;
  // All lanes of a warp stay, for the sums over heads.
  const bool present = head < ALL_HEADS;
  const bool rotates = head < HEADS + KV_HEADS;
  const int slot = slots[t];
  const int position = max(positions[t], 0);

  float c[CHUNKS][V], s[CHUNKS][V], low[CHUNKS][V], high[CHUNKS][V];
#pragma unroll
  for (int n = 0; n < CHUNKS; n++) {
    const int i = (n * LANES + lane) * V;
    if (!rotates || i >= HALF) continue;
    loadFloats(cosines + (u64)position * HALF + i, c[n]);
    loadFloats(sines + (u64)position * HALF + i, s[n]);
  }
  gridDependencyWait();

  ACTIVATION *from = qkv + ((u64)t * ALL_HEADS + head) * HEAD_DIM;
#pragma unroll
  for (int n = 0; n < CHUNKS; n++) {
    const int i = (n * LANES + lane) * V;
    if (!present || i >= HALF) continue;
    loadFloats(from + i, low[n]);
    loadFloats(from + i + HALF, high[n]);
  }

  if (NORMED) {
    float squares = 0.f;
#pragma unroll
    for (int n = 0; n < CHUNKS; n++) {
      if (!present || (n * LANES + lane) * V >= HALF) continue;
#pragma unroll
      for (int i = 0; i < V; i++) squares = fmaf(low[n][i], low[n][i], fmaf(high[n][i], high[n][i], squares));
    }
#pragma unroll
    for (int mask = LANES / 2; mask > 0; mask >>= 1) squares += __shfl_xor_sync(0xffffffffu, squares, mask);
    if (rotates) {
      const float inverse = 1.f / sqrtf(squares / (float)HEAD_DIM + epsilon);
      const float *weight = head < HEADS ? qWeight : kWeight;
#pragma unroll
      for (int n = 0; n < CHUNKS; n++) {
        const int i = (n * LANES + lane) * V;
        if (i >= HALF) continue;
        float w[V];
        loadFloats(weight + i, w);
#pragma unroll
        for (int j = 0; j < V; j++) low[n][j] = low[n][j] * inverse * (w[j] + offset);
        loadFloats(weight + i + HALF, w);
#pragma unroll
        for (int j = 0; j < V; j++) high[n][j] = high[n][j] * inverse * (w[j] + offset);
      }
    }
  }
  if (!present) return;

  if (rotates) {
#pragma unroll
    for (int n = 0; n < CHUNKS; n++) {
      if ((n * LANES + lane) * V >= HALF) continue;
#pragma unroll
      for (int j = 0; j < V; j++) {
        const float x = low[n][j], y = high[n][j];
        low[n][j] = x * c[n][j] - y * s[n][j];
        high[n][j] = y * c[n][j] + x * s[n][j];
      }
    }
  }
  if (head < HEADS) {
    storeHead(from, lane, low, high);
  } else if (slot >= 0) {
    const int kvHead = rotates ? head - HEADS : head - HEADS - KV_HEADS;
    storeHead((rotates ? keys : values) + ((u64)slot * KV_HEADS + kvHead) * HEAD_DIM, lane, low, high);
  }
}
