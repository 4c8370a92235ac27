// out[i] = max(0, x[i]); out may be x. Moves 8·n bytes.
#include "kit/elementwise.cuh"

extern "C" __global__ void __launch_bounds__(256) relu(const float *x, float *out, u32 n) {
  eachFloat(x, out, n, [](float v) { return fmaxf(v, 0.f); });
}
