#pragma once
// N neighbouring values of T as floats, moved in as few and as wide accesses as N allows. N is a power of two; the
// address is a multiple of N · sizeof(T).
#include "lib/types.cuh"

template <int Bytes> struct Words {
  u32 words[Bytes / 4];
};

// Bytes: 4, 8 or a multiple of 16.
template <int Bytes> __device__ __forceinline__ Words<Bytes> loadWords(const void *from) {
  Words<Bytes> v;
  if constexpr (Bytes == 4) {
    v.words[0] = *(const u32 *)from;
  } else if constexpr (Bytes == 8) {
    uint2 pair = *(const uint2 *)from;
    v.words[0] = pair.x;
    v.words[1] = pair.y;
  } else {
#pragma unroll
    for (int i = 0; i < Bytes / 16; i++) {
      uint4 four = ((const uint4 *)from)[i];
      v.words[4 * i] = four.x;
      v.words[4 * i + 1] = four.y;
      v.words[4 * i + 2] = four.z;
      v.words[4 * i + 3] = four.w;
    }
  }
  return v;
}

template <int Bytes> __device__ __forceinline__ void storeWords(void *to, const Words<Bytes> &v) {
  if constexpr (Bytes == 4) {
    *(u32 *)to = v.words[0];
  } else if constexpr (Bytes == 8) {
    *(uint2 *)to = make_uint2(v.words[0], v.words[1]);
  } else {
#pragma unroll
    for (int i = 0; i < Bytes / 16; i++) {
      storeWide((uint4 *)to + i,
                make_uint4(v.words[4 * i], v.words[4 * i + 1], v.words[4 * i + 2], v.words[4 * i + 3]));
    }
  }
}

// The values of a word of T, lowest bytes first.
template <typename T> struct WordOf;
template <> struct WordOf<f32> {
  static __device__ __forceinline__ void unpack(u32 word, float *to) { to[0] = __uint_as_float(word); }
  static __device__ __forceinline__ u32 pack(const float *from) { return __float_as_uint(from[0]); }
};
template <> struct WordOf<bf16> {
  static __device__ __forceinline__ void unpack(u32 word, float *to) {
    float2 pair = toFloat2<bf16>(word);
    to[0] = pair.x;
    to[1] = pair.y;
  }
  static __device__ __forceinline__ u32 pack(const float *from) { return packFloat2<bf16>(from[0], from[1]); }
};
template <> struct WordOf<f16> {
  static __device__ __forceinline__ void unpack(u32 word, float *to) {
    float2 pair = toFloat2<f16>(word);
    to[0] = pair.x;
    to[1] = pair.y;
  }
  static __device__ __forceinline__ u32 pack(const float *from) { return packFloat2<f16>(from[0], from[1]); }
};
template <> struct WordOf<fp8> {
  static __device__ __forceinline__ void unpack(u32 word, float *to) {
    float2 low = toFloat2<f16>(fp8x2ToF16x2((u16)word));
    float2 high = toFloat2<f16>(fp8x2ToF16x2((u16)(word >> 16)));
    to[0] = low.x;
    to[1] = low.y;
    to[2] = high.x;
    to[3] = high.y;
  }
  static __device__ __forceinline__ u32 pack(const float *from) {
    return (u32)floatToFp8(from[0]) | ((u32)floatToFp8(from[1]) << 8) | ((u32)floatToFp8(from[2]) << 16) |
           ((u32)floatToFp8(from[3]) << 24);
  }
};
template <> struct WordOf<int8> {
  static __device__ __forceinline__ void unpack(u32 word, float *to) {
#pragma unroll
    for (int i = 0; i < 4; i++) to[i] = (float)(int8)(word >> (8 * i));
  }
  // Of whole numbers.
  static __device__ __forceinline__ u32 pack(const float *from) {
    u32 word = 0;
#pragma unroll
    for (int i = 0; i < 4; i++) word |= ((u32)(int)from[i] & 0xffu) << (8 * i);
    return word;
  }
};

template <typename T> __device__ __forceinline__ T narrowed(float x) { return fromFloat<T>(x); }
template <> __device__ __forceinline__ int8 narrowed<int8>(float x) { return (int8)(int)x; }

template <typename T, int N> __device__ __forceinline__ void loadFloats(const T *from, float (&to)[N]) {
  constexpr int Bytes = N * (int)sizeof(T);
  if constexpr (Bytes >= 4) {
    Words<Bytes> v = loadWords<Bytes>(from);
#pragma unroll
    for (int i = 0; i < Bytes / 4; i++) WordOf<T>::unpack(v.words[i], to + i * (4 / (int)sizeof(T)));
  } else {
#pragma unroll
    for (int i = 0; i < N; i++) to[i] = toFloat(from[i]);
  }
}

template <typename T, int N> __device__ __forceinline__ void storeFloats(T *to, const float (&from)[N]) {
  constexpr int Bytes = N * (int)sizeof(T);
  if constexpr (Bytes >= 4) {
    Words<Bytes> v;
#pragma unroll
    for (int i = 0; i < Bytes / 4; i++) v.words[i] = WordOf<T>::pack(from + i * (4 / (int)sizeof(T)));
    storeWords<Bytes>(to, v);
  } else {
#pragma unroll
    for (int i = 0; i < N; i++) to[i] = narrowed<T>(from[i]);
  }
}

// The most neighbours, up to N, that a row of `width` values falls into.
__host__ __device__ constexpr int vectorOf(int width, int N) {
  while (width % N != 0) N /= 2;
  return N;
}
