// Attention's three steps between its two products, in one: scores[h, q, :] = softmax(scale · scores[h, q, :]) over the
// keys that query q may see, those up to `position` + q; the others become 0 and are never read. Scores are finite.
//
// A block takes a row. Its threads keep a running maximum and the sum of exponentials relative to it (Milakov and
// Gimelshein 2018, "Online normalizer calculation for softmax"), so a row is read twice and written once instead of
// read and written by three kernels each.
#include "lib/reduce.cuh"
#include "lib/types.cuh"

#define THREADS 256

extern "C" __global__ void __launch_bounds__(THREADS)
    scaledMaskedSoftmax(float *scores, u32 queries, u32 keys, float scale, u32 position) {
  __shared__ float maxRoom[THREADS / 32], sumRoom[THREADS / 32];
  u32 query = blockIdx.x, head = blockIdx.y;
  float *row = scores + ((u64)head * queries + query) * keys;
  u32 seen = position + query + 1 < keys ? position + query + 1 : keys;
  // Less than any score, and finite, so that a thread without a score adds zero and not NaN.
  float most = -3.4e38f, sum = 0.f;
  for (u32 i = threadIdx.x; i < seen; i += THREADS) {
    float x = row[i] * scale;
    if (x > most) {
      sum = sum * expf(most - x) + 1.f;
      most = x;
    } else {
      sum += expf(x - most);
    }
  }
  float rowMost = blockMax<THREADS>(most, maxRoom);
  float total = blockSum<THREADS>(sum * expf(most - rowMost), sumRoom);
  float inverse = 1.f / total;
  for (u32 i = threadIdx.x; i < keys; i += THREADS) row[i] = i < seen ? expf(row[i] * scale - rowMost) * inverse : 0.f;
}
