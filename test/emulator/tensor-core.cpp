#include "tensor-core.h"
#include "block.h"
#include "numbers.h"

template <float (*toFloat)(uint16_t)> static void multiplyAdd(void **operands) {
  float a[16][16], b[8][16];
  for (int lane = 0; lane < 32; lane++) {
    const EmulatedMma &given = *(const EmulatedMma *)operands[lane];
    int g = lane / 4, t = lane % 4;
    for (int half = 0; half < 2; half++) {
      int shift = 16 * half, column = 2 * t + half;
      a[g][column] = toFloat((uint16_t)(given.a[0] >> shift));
      a[g + 8][column] = toFloat((uint16_t)(given.a[1] >> shift));
      a[g][column + 8] = toFloat((uint16_t)(given.a[2] >> shift));
      a[g + 8][column + 8] = toFloat((uint16_t)(given.a[3] >> shift));
      b[g][column] = toFloat((uint16_t)(given.b[0] >> shift));
      b[g][column + 8] = toFloat((uint16_t)(given.b[1] >> shift));
    }
  }
  for (int lane = 0; lane < 32; lane++) {
    const EmulatedMma &given = *(const EmulatedMma *)operands[lane];
    int g = lane / 4, t = lane % 4;
    for (int i = 0; i < 4; i++) {
      int row = g + (i >= 2 ? 8 : 0), column = 2 * t + i % 2;
      float sum = 0;
      for (int k = 0; k < 16; k++) sum += a[row][k] * b[column][k];
      given.d[i] += sum;
    }
  }
}

void mmaBf16(void **operands, unsigned int) { multiplyAdd<bf16ToFloat>(operands); }
void mmaF16(void **operands, unsigned int) { multiplyAdd<f16ToFloat>(operands); }
