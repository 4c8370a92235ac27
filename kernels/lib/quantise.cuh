#pragma once
// Rows of weights in eight bits with one scale each: scale = max|w| / largest, q = the storage's nearest to w / scale.
#include "lib/reduce.cuh"
#include "lib/vector.cuh"

template <typename T> __host__ __device__ constexpr float largestOf();
template <> __host__ __device__ constexpr float largestOf<int8>() { return 127.f; }
template <> __host__ __device__ constexpr float largestOf<fp8>() { return 448.f; }

// 0 for a row of zeros, or next to nothing: below the smallest normal number quotients are no longer what they should be.
template <typename T> __device__ __forceinline__ float rowScale(float largestMagnitude) {
  const float scale = largestMagnitude / largestOf<T>();
  return scale < 1.17549435e-38f ? 0.f : scale;
}

// To be narrowed to T, which rounds fp8 only: to nearest, ties to even.
template <typename T> __device__ __forceinline__ float quantised(float w, float scale);
template <> __device__ __forceinline__ float quantised<int8>(float w, float scale) {
  return scale == 0.f ? 0.f : rintf(w / scale);
}
template <> __device__ __forceinline__ float quantised<fp8>(float w, float scale) {
  return scale == 0.f ? 0.f : w / scale;
}
