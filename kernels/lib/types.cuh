#pragma once
// The number types of tensors and weights, with nothing from the toolkit's headers: kernels compile where only the
// driver and NVRTC are.
#include "lib/ptx.cuh"

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
// By the names that tensors and weights have, so that a macro may say them.
typedef float f32;
typedef signed char int8;

struct bf16 {
  u16 bits;
};
struct f16 {
  u16 bits;
};
// E4M3: 4 bits of exponent with bias 7, 3 of mantissa; largest 448, no infinities.
struct fp8 {
  u8 bits;
};

__device__ __forceinline__ float toFloat(float x) { return x; }
__device__ __forceinline__ float toFloat(bf16 x) { return __uint_as_float((u32)x.bits << 16); }
__device__ __forceinline__ float toFloat(f16 x) { return f16ToFloat(x.bits); }
__device__ __forceinline__ float toFloat(fp8 x) { return fp8ToFloat(x.bits); }
__device__ __forceinline__ float toFloat(signed char x) { return (float)x; }

// To nearest, ties to even; fp8 saturates at ±448. NaN stays NaN.
template <typename T> __device__ __forceinline__ T fromFloat(float x);
template <> __device__ __forceinline__ float fromFloat<float>(float x) { return x; }
template <> __device__ __forceinline__ bf16 fromFloat<bf16>(float x) { return {floatToBf16(x)}; }
template <> __device__ __forceinline__ f16 fromFloat<f16>(float x) { return {floatToF16(x)}; }
template <> __device__ __forceinline__ fp8 fromFloat<fp8>(float x) { return {floatToFp8(x)}; }

// The two values of a 32-bit word of T, lower half first.
template <typename T> __device__ __forceinline__ float2 toFloat2(u32 word);
template <> __device__ __forceinline__ float2 toFloat2<bf16>(u32 word) {
  return make_float2(__uint_as_float(word << 16), __uint_as_float(word & 0xffff0000u));
}
template <> __device__ __forceinline__ float2 toFloat2<f16>(u32 word) {
  return make_float2(f16ToFloat((u16)word), f16ToFloat((u16)(word >> 16)));
}

template <typename T> __device__ __forceinline__ u32 packFloat2(float low, float high);
template <> __device__ __forceinline__ u32 packFloat2<bf16>(float low, float high) { return packBf16x2(low, high); }
template <> __device__ __forceinline__ u32 packFloat2<f16>(float low, float high) { return packF16x2(low, high); }

// N consecutive values of T, moved in one access where N · sizeof(T) is 4, 8 or 16.
template <typename T, int N> struct alignas(sizeof(T) * N) Vector {
  T values[N];
};
