// out[i] = x[rows[i]], rows of WIDTH words of WORD: u16, u32, uint2 or uint4, whichever divides a row.
//
// One thread a word; BLOCKS blocks a row. Bytes: each row read and written once.
#include "lib/types.cuh"

#ifndef WORD
#define WORD uint4
#endif
#ifndef WIDTH
#define WIDTH 512
#endif
#ifndef THREADS
#define THREADS 128
#endif

constexpr int BLOCKS = (WIDTH + THREADS - 1) / THREADS;

extern "C" __global__ void __launch_bounds__(THREADS) gather(WORD *out, const WORD *x, const int *rows) {
  gridDependencyLaunch();
  const int i = blockIdx.x / BLOCKS;
  const int at = (blockIdx.x % BLOCKS) * THREADS + threadIdx.x;
  const int row = rows[i];
  gridDependencyWait();
  if (at < WIDTH) out[(u64)i * WIDTH + at] = x[(u64)row * WIDTH + at];
}
