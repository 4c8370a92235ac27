// f32 to a narrower type and back: out[i] = x[i], rounded to nearest, ties to even. TYPE is bf16, f16 or fp8 (E4M3,
// which saturates at ±448). Four values a thread. Moves n · (4 + sizeof(TYPE)) bytes.
#include "lib/types.cuh"

#ifndef TYPE
#define TYPE bf16
#endif

extern "C" __global__ void __launch_bounds__(256) narrow(const float *__restrict__ x, TYPE *__restrict__ out, u32 n) {
  u32 i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= n) return;
  if (n - i >= 4) {
    float4 v = *(const float4 *)(x + i);
    Vector<TYPE, 4> narrowed = {{fromFloat<TYPE>(v.x), fromFloat<TYPE>(v.y), fromFloat<TYPE>(v.z), fromFloat<TYPE>(v.w)}};
    *(Vector<TYPE, 4> *)(out + i) = narrowed;
  } else {
    for (; i < n; i++) out[i] = fromFloat<TYPE>(x[i]);
  }
}

extern "C" __global__ void __launch_bounds__(256) widen(const TYPE *__restrict__ x, float *__restrict__ out, u32 n) {
  u32 i = 4 * (blockIdx.x * blockDim.x + threadIdx.x);
  if (i >= n) return;
  if (n - i >= 4) {
    Vector<TYPE, 4> v = *(const Vector<TYPE, 4> *)(x + i);
    *(float4 *)(out + i) = make_float4(toFloat(v.values[0]), toFloat(v.values[1]), toFloat(v.values[2]), toFloat(v.values[3]));
  } else {
    for (; i < n; i++) out[i] = toFloat(x[i]);
  }
}
