// out[r, n] += bias[n], after a library's product: out ACTIVATION [rows, WIDTH], bias f32. Bytes: out twice.
#include "lib/types.cuh"

#ifndef ACTIVATION
#define ACTIVATION bf16
#endif
#ifndef WIDTH
#define WIDTH 4096
#endif

extern "C" __global__ void __launch_bounds__(256) addBias(ACTIVATION *out, const float *bias, u32 count) {
  gridDependencyLaunch();
  gridDependencyWait();
  const u32 at = blockIdx.x * 256u + threadIdx.x;
  if (at < count) out[at] = fromFloat<ACTIVATION>(toFloat(out[at]) + bias[at % WIDTH]);
}
