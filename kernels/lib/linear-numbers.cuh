#pragma once
// How 16 bytes of weights, of any storage, become floats or fragments for the tensor cores. After types.cuh.

// The 16 / sizeof(W) weights of `from`.
template <typename W> __device__ __forceinline__ void unpack(const uint4 &from, float (&to)[16 / sizeof(W)]);

template <> __device__ __forceinline__ void unpack<float>(const uint4 &from, float (&to)[4]) {
  to[0] = __uint_as_float(from.x);
  to[1] = __uint_as_float(from.y);
  to[2] = __uint_as_float(from.z);
  to[3] = __uint_as_float(from.w);
}
template <typename H> __device__ __forceinline__ void unpackHalves(const uint4 &from, float (&to)[8]) {
  const u32 words[4] = {from.x, from.y, from.z, from.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    float2 pair = toFloat2<H>(words[i]);
    to[2 * i] = pair.x;
    to[2 * i + 1] = pair.y;
  }
}
template <> __device__ __forceinline__ void unpack<bf16>(const uint4 &from, float (&to)[8]) { unpackHalves<bf16>(from, to); }
template <> __device__ __forceinline__ void unpack<f16>(const uint4 &from, float (&to)[8]) { unpackHalves<f16>(from, to); }
// A byte in the last place of 2^23 adds itself to it, exactly: quicker than a conversion. 128 makes it unsigned before.
template <> __device__ __forceinline__ void unpack<int8>(const uint4 &from, float (&to)[16]) {
  const u32 words[4] = {from.x, from.y, from.z, from.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    u32 biased = words[i] ^ 0x80808080u;
#pragma unroll
    for (u32 j = 0; j < 4; j++) to[4 * i + j] = __uint_as_float(bytePermute(biased, 0x4b000000u, 0x7440u + j)) - 8388736.f;
  }
}
template <> __device__ __forceinline__ void unpack<fp8>(const uint4 &from, float (&to)[16]) {
  const u32 words[4] = {from.x, from.y, from.z, from.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    float2 low = toFloat2<f16>(fp8x2ToF16x2((u16)words[i]));
    float2 high = toFloat2<f16>(fp8x2ToF16x2((u16)(words[i] >> 16)));
    to[4 * i] = low.x;
    to[4 * i + 1] = low.y;
    to[4 * i + 2] = high.x;
    to[4 * i + 3] = high.y;
  }
}

// The same as pairs of A, of 16 bits, lower half first. Exact: where A is not W, W has 8 bits.
template <typename A, typename W> struct Pairs {
  static constexpr int COUNT = 8;
  static __device__ __forceinline__ void of(const uint4 &from, u32 (&to)[8]) {
    float values[16];
    unpack<W>(from, values);
#pragma unroll
    for (int i = 0; i < 8; i++) to[i] = packFloat2<A>(values[2 * i], values[2 * i + 1]);
  }
};
template <typename A> struct Pairs<A, A> {
  static constexpr int COUNT = 4;
  static __device__ __forceinline__ void of(const uint4 &from, u32 (&to)[4]) {
    to[0] = from.x;
    to[1] = from.y;
    to[2] = from.z;
    to[3] = from.w;
  }
};
// 1024 + 128 + the number, less 1152.
template <> struct Pairs<f16, int8> {
  static constexpr int COUNT = 8;
  static __device__ __forceinline__ void of(const uint4 &from, u32 (&to)[8]) {
    const u32 words[4] = {from.x, from.y, from.z, from.w};
#pragma unroll
    for (int i = 0; i < 8; i++) {
      const u32 biased = bytePermute(words[i / 2] ^ 0x80808080u, 0x64646464u, i % 2 == 0 ? 0x4140u : 0x4342u);
      to[i] = addF16x2(biased, 0xe480e480u);
    }
  }
};
template <> struct Pairs<f16, fp8> {
  static constexpr int COUNT = 8;
  static __device__ __forceinline__ void of(const uint4 &from, u32 (&to)[8]) {
    const u32 words[4] = {from.x, from.y, from.z, from.w};
#pragma unroll
    for (int i = 0; i < 4; i++) {
      to[2 * i] = fp8x2ToF16x2((u16)words[i]);
      to[2 * i + 1] = fp8x2ToF16x2((u16)(words[i] >> 16));
    }
  }
};

// Whether a weight of W has a scale for its row.
template <typename W> struct Scaled {
  static constexpr bool value = sizeof(W) == 1;
};

// Of the gate of a gated unit: x · σ(x), and the tanh form of GELU (Hendrycks & Gimpel 2016).
__device__ __forceinline__ float silu(float x) { return x / (1.f + expf(-x)); }
__device__ __forceinline__ float geluTanh(float x) {
  return 0.5f * x * (1.f + tanhf(0.7978845608028654f * (x + 0.044715f * x * x * x)));
}
