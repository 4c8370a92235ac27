#pragma once
#include "lib/types.cuh"

// out[i] = f(x[i]) for i < n, four values a thread in one access each; `out` may be `x`. Both are 16-byte aligned.
template <typename F> __device__ __forceinline__ void eachFloat(const float *x, float *out, u32 n, F f) {
  u32 i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= n) return;
  if (n - i >= 4) {
    float4 v = *(const float4 *)(x + i);
    *(float4 *)(out + i) = make_float4(f(v.x), f(v.y), f(v.z), f(v.w));
  } else {
    for (; i < n; i++) out[i] = f(x[i]);
  }
}
