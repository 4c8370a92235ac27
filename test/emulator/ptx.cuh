#pragma once
// kernels/lib/ptx.cuh for a machine without a GPU: the same functions, bit for bit, in C++.

inline void gridDependencyWait() { emulated.runtime->dependencyWait(); }
inline void gridDependencyLaunch() {}

// ── Memory ──

inline uint4 loadStreaming(const uint4 *from) { return *from; }
inline void storeWide(uint4 *to, uint4 v) { *to = v; }
inline void copyAsync16(void *shared, const void *global, bool valid = true) {
  emulated.runtime->copyAsync16(shared, global, valid);
}
inline void copyAsyncCommit() { emulated.runtime->copyAsyncCommit(); }
template <int N> inline void copyAsyncWait() { emulated.runtime->copyAsyncWait(N); }
inline unsigned int addRelease(unsigned int *at, unsigned int value) { return atomicAdd(at, value); }

// ── Tensor cores ──

inline void mmaBf16(float (&d)[4], const unsigned int (&a)[4], const unsigned int (&b)[2]) {
  EmulatedMma operand = {d, a, b};
  emulated.runtime->warp(0xffffffffu, emulated.runtime->mmaBf16, &operand);
}
inline void mmaF16(float (&d)[4], const unsigned int (&a)[4], const unsigned int (&b)[2]) {
  EmulatedMma operand = {d, a, b};
  emulated.runtime->warp(0xffffffffu, emulated.runtime->mmaF16, &operand);
}

struct EmulatedMatrices {
  unsigned int *to;
  const uint4 *row;
};
template <bool Transposed> void emulatedLoadMatrices(void **operands, unsigned int) {
  for (int i = 0; i < 4; i++) {
    unsigned short matrix[8][8];
    for (int row = 0; row < 8; row++) {
      uint4 values = *((EmulatedMatrices *)operands[8 * i + row])->row;
      __builtin_memcpy(matrix[row], &values, 16);
    }
    for (int lane = 0; lane < 32; lane++) {
      int g = lane / 4, t = lane % 4;
      unsigned int low = Transposed ? matrix[2 * t][g] : matrix[g][2 * t];
      unsigned int high = Transposed ? matrix[2 * t + 1][g] : matrix[g][2 * t + 1];
      ((EmulatedMatrices *)operands[lane])->to[i] = low | (high << 16);
    }
  }
}
inline void loadMatrix4(unsigned int (&to)[4], const void *shared) {
  EmulatedMatrices operand = {to, (const uint4 *)shared};
  emulated.runtime->warp(0xffffffffu, emulatedLoadMatrices<false>, &operand);
}
inline void loadMatrix4Transposed(unsigned int (&to)[4], const void *shared) {
  EmulatedMatrices operand = {to, (const uint4 *)shared};
  emulated.runtime->warp(0xffffffffu, emulatedLoadMatrices<true>, &operand);
}

// ── Arithmetic ──

inline float exp2Approximate(float x) { return exp2f(x); }

// ── Conversions ──

inline unsigned short floatToBf16(float x) {
  unsigned int bits = __float_as_uint(x);
  // What cvt.rn makes of every NaN.
  if (x != x) return 0x7fffu;
  return (unsigned short)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}
inline unsigned int packBf16x2(float low, float high) {
  return (unsigned int)floatToBf16(low) | ((unsigned int)floatToBf16(high) << 16);
}
inline float f16ToFloat(unsigned short bits) {
  unsigned int sign = (unsigned int)(bits & 0x8000u) << 16, exponent = (bits >> 10) & 31u, mantissa = bits & 1023u;
  if (exponent == 31u) return __uint_as_float(mantissa ? 0x7fffffffu : sign | 0x7f800000u);
  // 2^-24 is an f16's smallest step; below 2^-14 it counts those alone.
  if (exponent == 0u) return __uint_as_float(sign | __float_as_uint((float)mantissa * 5.9604644775390625e-8f));
  return __uint_as_float(sign | ((exponent + 112u) << 23) | (mantissa << 13));
}
inline unsigned short floatToF16(float x) {
  unsigned int bits = __float_as_uint(x), sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return 0x7fffu;
  // From 65520 on the nearest is infinity.
  if (magnitude >= 0x477ff000u) return (unsigned short)(sign | 0x7c00u);
  if (magnitude < 0x38800000u) {
    unsigned int steps = (unsigned int)rintf(__uint_as_float(magnitude) * 16777216.f);
    return (unsigned short)(sign | steps);
  }
  unsigned int rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  return (unsigned short)(sign | ((rounded - 0x38000000u) >> 13));
}
inline unsigned int packF16x2(float low, float high) {
  return (unsigned int)floatToF16(low) | ((unsigned int)floatToF16(high) << 16);
}
inline unsigned int addF16x2(unsigned int a, unsigned int b) {
  return packF16x2(f16ToFloat((unsigned short)a) + f16ToFloat((unsigned short)b),
                   f16ToFloat((unsigned short)(a >> 16)) + f16ToFloat((unsigned short)(b >> 16)));
}
inline unsigned short emulatedFp8ToF16(unsigned int bits) {
  unsigned int sign = (bits & 0x80u) << 8, exponent = (bits >> 3) & 15u, mantissa = bits & 7u;
  if ((bits & 0x7fu) == 0x7fu) return 0x7fffu;
  if (exponent != 0u) return (unsigned short)(sign | ((exponent + 8u) << 10) | (mantissa << 7));
  return (unsigned short)(sign | floatToF16((float)mantissa * 0.001953125f));
}
inline unsigned int fp8x2ToF16x2(unsigned short bits) {
  return (unsigned int)emulatedFp8ToF16(bits & 0xffu) | ((unsigned int)emulatedFp8ToF16(bits >> 8) << 16);
}
inline float fp8ToFloat(unsigned char bits) { return f16ToFloat((unsigned short)fp8x2ToF16x2(bits)); }
inline unsigned char floatToFp8(float x) {
  if (x != x) return 0x7fu;
  unsigned int sign = (__float_as_uint(x) >> 24) & 0x80u;
  float magnitude = fabsf(x);
  if (magnitude >= 448.f) return (unsigned char)(sign | 0x7eu);
  // The nearest of the 127 finite magnitudes, which are in the order of their bits; of two, the even one.
  unsigned int below = 0, above = 0x7eu;
  while (above - below > 1) {
    unsigned int middle = (below + above) / 2;
    if (fp8ToFloat((unsigned char)middle) <= magnitude) below = middle;
    else above = middle;
  }
  float down = magnitude - fp8ToFloat((unsigned char)below), up = fp8ToFloat((unsigned char)above) - magnitude;
  return (unsigned char)(sign | (down < up || (down == up && below % 2 == 0) ? below : above));
}

// ── Tensor cores of sm_90a ──

// A warp's rows are its own: one warp's product is 16×16 · 16×64. Done at once, though the real ones are not.
struct SharedMatrix {
  const char *at;
};
inline SharedMatrix sharedMatrix(const void *at) { return {(const char *)at}; }
inline SharedMatrix advanced(SharedMatrix matrix, int bytes) { return {matrix.at + bytes}; }
inline void sharedForTensorCores() {}
inline void warpgroupArrive() {}
inline void warpgroupCommit() {}
template <int N> inline void warpgroupWait() {}
inline void settle(float (&)[32]) {}

struct EmulatedWarpgroupMma {
  float *d;
  // Of registers; none: `aShared` is the first of the warp's 16 rows.
  const unsigned int *a;
  SharedMatrix aShared, b;
  bool add;
};
inline unsigned int emulatedShared(SharedMatrix matrix, int row, int column) {
  unsigned long long at = (unsigned long long)matrix.at + row * 128 + column * 2;
  return *(const unsigned short *)(at ^ (at >> 7 & 7u) << 4);
}
template <bool Transposed, bool Half> void emulatedWarpgroupMma(void **operands, unsigned int) {
  auto value = [](unsigned int bits) {
    if (Half) return f16ToFloat((unsigned short)bits);
    return __uint_as_float(bits << 16);
  };
  const EmulatedWarpgroupMma &first = *(const EmulatedWarpgroupMma *)operands[0];
  float a[16][16], b[16][64];
  for (int lane = 0; lane < 32; lane++)
    for (int i = 0; i < 8; i++) {
      int row = lane / 4 + i / 2 % 2 * 8, column = lane % 4 * 2 + i / 4 * 8 + i % 2;
      const unsigned int *words = ((const EmulatedWarpgroupMma *)operands[lane])->a;
      a[row][column] = value(words == nullptr ? emulatedShared(first.aShared, row, column) : words[i / 2] >> 16 * (i % 2) & 0xffffu);
    }
  for (int k = 0; k < 16; k++)
    for (int n = 0; n < 64; n++) b[k][n] = value(emulatedShared(first.b, Transposed ? k : n, Transposed ? n : k));
  for (int lane = 0; lane < 32; lane++)
    for (int i = 0; i < 32; i++) {
      int row = lane / 4 + i / 2 % 2 * 8, column = i / 4 * 8 + lane % 4 * 2 + i % 2;
      float &d = ((const EmulatedWarpgroupMma *)operands[lane])->d[i];
      float sum = first.add ? d : 0.f;
      for (int k = 0; k < 16; k++) sum += a[row][k] * b[k][column];
      d = sum;
    }
}
template <bool Transposed>
inline void warpgroupMmaBf16(float (&d)[32], const unsigned int (&a)[4], SharedMatrix b, bool add) {
  EmulatedWarpgroupMma operand = {d, a, b, b, add};
  emulated.runtime->warp(0xffffffffu, emulatedWarpgroupMma<Transposed, false>, &operand);
}
template <bool Transposed>
inline void warpgroupMmaF16(float (&d)[32], const unsigned int (&a)[4], SharedMatrix b, bool add) {
  EmulatedWarpgroupMma operand = {d, a, b, b, add};
  emulated.runtime->warp(0xffffffffu, emulatedWarpgroupMma<Transposed, true>, &operand);
}
inline void warpgroupMmaBf16(float (&d)[32], SharedMatrix a, SharedMatrix b, bool add) {
  EmulatedWarpgroupMma operand = {d, nullptr, advanced(a, threadIdx.x / 32 % 4 * 2048), b, add};
  emulated.runtime->warp(0xffffffffu, emulatedWarpgroupMma<false, false>, &operand);
}
inline void warpgroupMmaF16(float (&d)[32], SharedMatrix a, SharedMatrix b, bool add) {
  EmulatedWarpgroupMma operand = {d, nullptr, advanced(a, threadIdx.x / 32 % 4 * 2048), b, add};
  emulated.runtime->warp(0xffffffffu, emulatedWarpgroupMma<false, true>, &operand);
}

inline unsigned int bytePermute(unsigned int low, unsigned int high, unsigned int selector) {
  unsigned long long bytes = (unsigned long long)high << 32 | low;
  unsigned int word = 0;
  for (int i = 0; i < 4; i++) word |= (unsigned int)(bytes >> (8 * (selector >> (4 * i) & 7u)) & 0xffu) << (8 * i);
  return word;
}
