// Groups of 32 values share a scale, max |x| / 7; q = round(x / scale) in −7 … 7 is kept as q + 8 in half a byte, the
// even value in the lower half. 32 divides n. A warp takes a group. Moves n · (4 + ½ + ⅛) bytes.
#include "lib/reduce.cuh"
#include "lib/types.cuh"

extern "C" __global__ void __launch_bounds__(256)
    quantiseInt4(const float *__restrict__ x, u8 *__restrict__ q, float *__restrict__ scales, u32 groups) {
  u32 group = (blockIdx.x * 256 + threadIdx.x) / 32, lane = threadIdx.x % 32;
  // Whole warps leave, so those that stay can shuffle.
  if (group >= groups) return;
  float value = x[group * 32 + lane];
  float most = warpMax(fabsf(value));
  float inverse = most > 0.f ? 7.f / most : 0.f;
  u32 nibble = (u32)((int)rintf(value * inverse) + 8);
  u32 next = __shfl_down_sync(0xffffffffu, nibble, 1);
  if (lane % 2 == 0) q[group * 16 + lane / 2] = (u8)(nibble | (next << 4));
  if (lane == 0) scales[group] = most / 7.f;
}

extern "C" __global__ void __launch_bounds__(256)
    dequantiseInt4(const u8 *__restrict__ q, const float *__restrict__ scales, float *__restrict__ out, u32 groups) {
  u32 pair = blockIdx.x * 256 + threadIdx.x;
  if (pair >= groups * 16) return;
  u32 both = q[pair];
  float scale = scales[pair / 16];
  *(float2 *)(out + 2 * pair) = make_float2(((float)(both & 15u) - 8.f) * scale, ((float)(both >> 4) - 8.f) * scale);
}
