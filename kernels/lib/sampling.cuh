#pragma once
// What the two kernels of sampling share: a row's parameters, what is known of a piece of a row, and the order of logits.
#include "lib/reduce.cuh"
#include "lib/types.cuh"

// Logits that one block scans.
#define CHUNK 2048
#define NO_TOKEN (-1)
#define INFINITE __uint_as_float(0x7f800000u)
#define NOT_A_NUMBER __uint_as_float(0x7fc00000u)

// How a row becomes a token. Lists lie behind each other from word `lists` on: biases {id, 0, f64}, seen ids,
// counts {id, count}, banned ids.
struct SamplingRow {
  double inverseTemperature; // 0: the likeliest
  double topP;
  double minP;
  double repetition;
  double presence;
  double frequency;
  u32 keyLow, keyHigh;
  u32 positionLow, positionHigh;
  int topK;        // 0: all
  int topLogprobs; // −1: no log-probabilities
  int drawnBy;     // row of the step before whose token counts as seen; −1: none
  u32 lists;
  int biases, seen, counts, banned;
  int adjusts; // whether any of these changes a logit
  int unused;
};

// What is known of CHUNK logits. The original ones only where log-probabilities are wanted.
struct ChunkStats {
  u64 best;           // order of the greatest logit, then of its id: lower ids are greater; 0: there is no number
  double sum;         // Σ exp((logit − greatest) / temperature)
  float least;        // of those above −∞; +∞: there are none
  float originalMost; // −∞: there is no number
  float originalLeast;
  float originalSum; // Σ exp(logit − originalMost)
};

// Unsigned integers in the order of the numbers that they stand for; both zeros are one.
__device__ __forceinline__ u32 orderOf(float x) {
  const u32 bits = x == 0.f ? 0u : __float_as_uint(x);
  return (bits & 0x80000000u) ? ~bits : bits | 0x80000000u;
}
__device__ __forceinline__ float numberOf(u32 order) {
  return __uint_as_float((order & 0x80000000u) ? order ^ 0x80000000u : ~order);
}

__device__ __forceinline__ u64 maxOf(u64 a, u64 b) { return a > b ? a : b; }

__device__ __forceinline__ u64 warpMax(u64 x) {
#pragma unroll
  for (int mask = 16; mask > 0; mask >>= 1) x = maxOf(x, __shfl_xor_sync(0xffffffffu, x, mask));
  return x;
}
__device__ __forceinline__ float warpMin(float x) {
#pragma unroll
  for (int mask = 16; mask > 0; mask >>= 1) x = fminf(x, __shfl_xor_sync(0xffffffffu, x, mask));
  return x;
}
__device__ __forceinline__ double warpSum(double x) {
#pragma unroll
  for (int mask = 16; mask > 0; mask >>= 1) x += __shfl_xor_sync(0xffffffffu, x, mask);
  return x;
}

// exp((logit − most) / temperature), whatever the two are: where both are infinite it is 1.
__device__ __forceinline__ double weightOf(float logit, float most, double inverseTemperature) {
  return logit == most ? 1.0 : exp(((double)logit - (double)most) * inverseTemperature);
}
