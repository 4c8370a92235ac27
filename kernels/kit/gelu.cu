// out[i] = ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))): Hendrycks and Gimpel 2016, the approximation by tanh; out may be x.
// Moves 8·n bytes.
#include "kit/elementwise.cuh"

extern "C" __global__ void __launch_bounds__(256) gelu(const float *x, float *out, u32 n) {
  eachFloat(x, out, n, [](float v) { return 0.5f * v * (1.f + tanhf(0.7978845608f * (v + 0.044715f * v * v * v))); });
}
