// q[i] = round(x[i] / scale), scale = max |x| / 127: symmetric int8 with one scale for all.
//
// One launch cannot do it for more than a block: no block may divide before all have looked, and __syncthreads waits for
// its own block alone. So there are two: the blocks' maxima, then each block takes the largest of them and divides. The
// largest is the same in any order, so the result is too. Reads x twice: moves 9·n bytes.
#include "lib/reduce.cuh"
#include "lib/types.cuh"

#define THREADS 256

// maxima[b] = the largest |x[i]| that block b saw. At most 1024 blocks.
extern "C" __global__ void __launch_bounds__(THREADS) absmaxOfBlocks(const float *__restrict__ x, u32 n, float *__restrict__ maxima) {
  __shared__ float room[THREADS / 32];
  float most = 0.f;
  u32 step = gridDim.x * THREADS;
  for (u32 i = blockIdx.x * THREADS + threadIdx.x; i < n; i += step) most = fmaxf(most, fabsf(x[i]));
  most = blockMax<THREADS>(most, room);
  if (threadIdx.x == 0) maxima[blockIdx.x] = most;
}

extern "C" __global__ void __launch_bounds__(THREADS)
    quantiseInt8(const float *__restrict__ x, u32 n, const float *__restrict__ maxima, u32 blocks,
                 signed char *__restrict__ q, float *__restrict__ scale) {
  __shared__ float room[THREADS / 32];
  float most = 0.f;
  for (u32 i = threadIdx.x; i < blocks; i += THREADS) most = fmaxf(most, maxima[i]);
  most = blockMax<THREADS>(most, room);
  if (blockIdx.x == 0 && threadIdx.x == 0) *scale = most / 127.f;
  // All zeros have the scale 0 and stay zeros.
  float inverse = most > 0.f ? 127.f / most : 0.f;
  u32 step = gridDim.x * THREADS;
  for (u32 i = blockIdx.x * THREADS + threadIdx.x; i < n; i += step)
    q[i] = (signed char)fminf(fmaxf(rintf(x[i] * inverse), -127.f), 127.f);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    dequantiseInt8(const signed char *__restrict__ q, const float *__restrict__ scale, float *__restrict__ out, u32 n) {
  float unit = *scale;
  u32 step = gridDim.x * THREADS;
  for (u32 i = blockIdx.x * THREADS + threadIdx.x; i < n; i += step) out[i] = (float)q[i] * unit;
}
