// c[m, n] = Σ_k a[m, k] · b[k, n], all f32 and row-major: one thread a result, every operand from memory each time.
// The first rung: neighbours read neighbours, and that is all.
#include "lib/types.cuh"

extern "C" __global__ void __launch_bounds__(256)
    matmulNaive(const float *__restrict__ a, const float *__restrict__ b, float *__restrict__ c, u32 m, u32 n, u32 k) {
  u32 row = blockIdx.y * 16 + threadIdx.y;
  u32 column = blockIdx.x * 16 + threadIdx.x;
  if (row >= m || column >= n) return;
  float sum = 0.f;
  for (u32 i = 0; i < k; i++) sum = fmaf(a[row * k + i], b[i * n + column], sum);
  c[row * n + column] = sum;
}
