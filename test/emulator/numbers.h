#pragma once
// 16-bit floats on the processor, bit for bit.
#include <cmath>
#include <cstdint>
#include <cstring>

inline float floatOf(uint32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}
inline uint32_t bitsOf(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}
inline float bf16ToFloat(uint16_t bits) { return floatOf((uint32_t)bits << 16); }
// To nearest, ties to even.
inline uint16_t floatToBf16(float x) {
  if (x != x) return 0x7fff;
  uint32_t bits = bitsOf(x);
  return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}
inline float f16ToFloat(uint16_t bits) {
  uint32_t sign = (uint32_t)(bits & 0x8000) << 16, exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  if (exponent == 31) return floatOf(mantissa ? 0x7fffffff : sign | 0x7f800000);
  if (exponent == 0) return floatOf(sign | bitsOf((float)mantissa * 0x1p-24f));
  return floatOf(sign | ((exponent + 112) << 23) | (mantissa << 13));
}
inline uint16_t floatToF16(float x) {
  uint32_t bits = bitsOf(x), sign = (bits >> 16) & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return 0x7fff;
  if (magnitude >= 0x477ff000) return (uint16_t)(sign | 0x7c00);
  if (magnitude < 0x38800000) return (uint16_t)(sign | (uint32_t)rintf(floatOf(magnitude) * 0x1p24f));
  uint32_t rounded = magnitude + 0xfff + ((magnitude >> 13) & 1);
  return (uint16_t)(sign | ((rounded - 0x38000000) >> 13));
}
