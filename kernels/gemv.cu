// The product of one row, or of X_ROWS, with a matrix: out[n] = Σ_k x[k] · weight[n, k] · scale[n] (+ bias[n]), and what
// follows it.
//
// Bytes: those of the weight, once, and next to nothing else: the kernel's one aim is to keep the card's memory busy.
// A warp takes ROWS_PER_WARP rows and holds LOADS loads of 16 bytes of each in flight; the first of them are issued
// before the wait for the launch before, so the memory works while that one drains (programmatic dependent launch).
// With RING a load is followed by that of the next round as soon as it is used, else a round's are issued together. The
// launch after may start at once, or with LATE when the last loads are under way, so that its own fall into the gap
// between the two. x lies in shared memory as it came, in an order that reads without conflicts of banks. SPLIT warps may
// share their rows. The order of a sum is fixed by these constants, and the same for any X_ROWS.
//
// EPILOGUE  0  out[n]
//           1  residual[n] += the product; with NEXT, out[n] = residual · (nextWeight + NEXT_OFFSET), the next norm but
//              for its division, and sums[block] = Σ residual² over the block's rows
//           2  weight rows [gate | up]: out[i] = f(gate[i]) · up[i]; a warp takes row i and row WIDTH/2 + i
//           3  weight rows [q heads | k heads | v heads]: rotated in pairs (d, d + HEAD_DIM/2), which a warp takes
//              together; q goes to out, k and v to their slot of the cache
// DEFERRED  x is such an `out`: the product is divided by rms = √(Σ sums / INNER + epsilon) in the end.
// With several rows of x each of these is done for each row; sums are [X_ROWS, blocks].
//
// INNER · sizeof(x) and a row of the weight are multiples of 16 bytes. Grid ⌈WIDTH / rows of a block⌉.
#include "lib/types.cuh"
#include "lib/reduce.cuh"
#include "lib/linear-numbers.cuh"

#ifndef ACTIVATION
#define ACTIVATION bf16
#endif
#ifndef OUTPUT
#define OUTPUT ACTIVATION
#endif
#ifndef WEIGHT
#define WEIGHT bf16
#endif
#ifndef WIDTH
#define WIDTH 4096
#endif
#ifndef INNER
#define INNER 4096
#endif
// Rows of x, each INNER long, and of all that is written.
#ifndef X_ROWS
#define X_ROWS 1
#endif
#ifndef ROWS_PER_WARP
#define ROWS_PER_WARP 2
#endif
#ifndef LOADS
#define LOADS 4
#endif
#ifndef WARPS
#define WARPS 8
#endif
#ifndef SPLIT
#define SPLIT 1
#endif
#ifndef RING
#define RING 0
#endif
#ifndef LATE
#define LATE 0
#endif
#ifndef BIAS
#define BIAS 0
#endif
#ifndef EPILOGUE
#define EPILOGUE 0
#endif
// How many partial sums of squares each row of x comes with; 0: it is normalised.
#ifndef DEFERRED
#define DEFERRED 0
#endif
#ifndef NEXT
#define NEXT 0
#endif
#ifndef NEXT_OFFSET
#define NEXT_OFFSET 0
#endif
#ifndef GATE
#define GATE silu
#endif
#ifndef HEADS
#define HEADS 32
#endif
#ifndef KV_HEADS
#define KV_HEADS 32
#endif
#ifndef HEAD_DIM
#define HEAD_DIM 128
#endif
#ifndef CACHE
#define CACHE ACTIVATION
#endif

constexpr int PLAIN = 0, RESIDUAL = 1, GATED = 2, ROPE = 3;
constexpr bool PAIRED = EPILOGUE == GATED || EPILOGUE == ROPE;
constexpr int THREADS = WARPS * 32;
constexpr int PER_LOAD = 16 / sizeof(WEIGHT);
constexpr int VECTORS = INNER / PER_LOAD;
// Vectors of a row that its warps take at a time.
constexpr int STEP = 32 * SPLIT * LOADS;
constexpr int FULL = VECTORS / STEP;
constexpr int ROUNDS = (VECTORS + STEP - 1) / STEP;
constexpr int X_BYTES = INNER * sizeof(ACTIVATION);
constexpr int X_VECTORS = X_BYTES / 16;
// Pieces of 16 bytes of x that go with a vector of weights. The first pieces of all vectors lie together, then the
// second ones: so neighbouring lanes read neighbouring pieces.
constexpr int PIECES = PER_LOAD * sizeof(ACTIVATION) > 16 ? PER_LOAD * sizeof(ACTIVATION) / 16 : 1;
constexpr int OUT_WIDTH = EPILOGUE == GATED ? WIDTH / 2 : WIDTH;
static_assert(INNER % PER_LOAD == 0 && X_BYTES % 16 == 0, "rows of 16 bytes");
static_assert(!PAIRED || ROWS_PER_WARP % 2 == 0, "pairs");
static_assert(WARPS % SPLIT == 0 && ROWS_PER_WARP <= 32, "warps");

// The row of the weight that a warp's r-th is; WIDTH or more where there is none.
__device__ __forceinline__ int rowOf(int group, int r) {
  if (!PAIRED) return group * ROWS_PER_WARP + r;
  const int pair = group * (ROWS_PER_WARP / 2) + r / 2;
  if (pair >= WIDTH / 2) return WIDTH;
  if (EPILOGUE == GATED) return pair + (r % 2) * (WIDTH / 2);
  return pair / (HEAD_DIM / 2) * HEAD_DIM + pair % (HEAD_DIM / 2) + (r % 2) * (HEAD_DIM / 2);
}

// Values of x for a vector of weights.
__device__ __forceinline__ void loadX(const unsigned char *x, int vector, float (&to)[PER_LOAD]) {
  constexpr int BYTES = PER_LOAD * sizeof(ACTIVATION);
  constexpr int IN_16 = 16 / sizeof(ACTIVATION);
  if constexpr (BYTES < 16) {
    Vector<ACTIVATION, PER_LOAD> values = *(const Vector<ACTIVATION, PER_LOAD> *)(x + vector * BYTES);
#pragma unroll
    for (int i = 0; i < PER_LOAD; i++) to[i] = toFloat(values.values[i]);
  } else {
#pragma unroll
    for (int part = 0; part < BYTES / 16; part++) {
      float values[IN_16];
      unpack<ACTIVATION>(((const uint4 *)x)[part * VECTORS + vector], values);
#pragma unroll
      for (int i = 0; i < IN_16; i++) to[part * IN_16 + i] = values[i];
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    gemv(const WEIGHT *weight, const float *scales, const float *bias, const ACTIVATION *x, const float *xSums, float epsilon,
         OUTPUT *out, float *residual, const float *nextWeight, float *sums, CACHE *kCache, CACHE *vCache, const float *cosines,
         const float *sines, const int *positions, const int *slots) {
  extern __shared__ unsigned char shared[];
  __shared__ float squaresBefore[X_ROWS][WARPS];
  __shared__ float squaresAfter[X_ROWS][WARPS];
  __shared__ float parts[X_ROWS][WARPS][ROWS_PER_WARP];
  const int lane = threadIdx.x % 32;
  const int warp = threadIdx.x / 32;
  const int split = warp % SPLIT;
  const int group = blockIdx.x * (WARPS / SPLIT) + warp / SPLIT;

  const uint4 *from[ROWS_PER_WARP];
#pragma unroll
  for (int r = 0; r < ROWS_PER_WARP; r++) {
    // A last warp may have rows too many: it reads the last one again and says nothing.
    int row = rowOf(group, r);
    row = row < WIDTH ? row : WIDTH - 1;
    from[r] = (const uint4 *)(weight + (size_t)row * INNER) + split * 32 + lane;
  }
  uint4 loaded[ROWS_PER_WARP][LOADS];
  auto loadOne = [&](int round, int u) {
    const int at = round * STEP + u * 32 * SPLIT;
    const bool inside = round < FULL || at + split * 32 + lane < VECTORS;
#pragma unroll
    for (int r = 0; r < ROWS_PER_WARP; r++) loaded[r][u] = inside ? loadStreaming(from[r] + at) : make_uint4(0, 0, 0, 0);
  };
  auto load = [&](int round) {
#pragma unroll
    for (int u = 0; u < LOADS; u++) loadOne(round, u);
  };
  load(0);

  // What the epilogue needs of the row that is this lane's, as far as it is constant.
  const int own = lane < ROWS_PER_WARP ? rowOf(group, lane) : WIDTH;
  const bool owns = split == 0 && own < WIDTH;
  const float scale = Scaled<WEIGHT>::value && owns ? scales[own] : 1.f;
  const float shift = BIAS && owns ? bias[own] : 0.f;
  const float nextScale = NEXT && owns ? nextWeight[own] + (float)NEXT_OFFSET : 0.f;

  if (!LATE) gridDependencyLaunch();
  gridDependencyWait();

  const uint4 *x16 = (const uint4 *)x;
#pragma unroll 4
  for (int i = threadIdx.x; i < X_ROWS * X_VECTORS; i += THREADS) {
    const int row = i / X_VECTORS, at = i % X_VECTORS;
    ((uint4 *)shared)[row * X_VECTORS + at % PIECES * VECTORS + at / PIECES] = x16[i];
  }
  if (DEFERRED > 0) {
#pragma unroll
    for (int m = 0; m < X_ROWS; m++) {
      float sum = 0.f;
      for (int i = threadIdx.x; i < DEFERRED; i += THREADS) sum += xSums[m * DEFERRED + i];
      sum = warpSum(sum);
      if (lane == 0) squaresBefore[m][warp] = sum;
    }
  }
  float before[X_ROWS];
  int position[X_ROWS], slot[X_ROWS];
#pragma unroll
  for (int m = 0; m < X_ROWS; m++) {
    before[m] = EPILOGUE == RESIDUAL && owns ? residual[m * WIDTH + own] : 0.f;
    position[m] = EPILOGUE == ROPE ? positions[m] : 0;
    slot[m] = EPILOGUE == ROPE ? slots[m] : -1;
  }
  __syncthreads();

  float sum[X_ROWS][ROWS_PER_WARP] = {};
  auto multiplyOne = [&](int round, int u) {
    const int vector = round * STEP + (u * SPLIT + split) * 32 + lane;
    if (round >= FULL && vector >= VECTORS) return;
    float values[X_ROWS][PER_LOAD];
#pragma unroll
    for (int m = 0; m < X_ROWS; m++) loadX(shared + m * X_BYTES, vector, values[m]);
#pragma unroll
    for (int r = 0; r < ROWS_PER_WARP; r++) {
      float weights[PER_LOAD];
      unpack<WEIGHT>(loaded[r][u], weights);
#pragma unroll
      for (int m = 0; m < X_ROWS; m++) {
#pragma unroll
        for (int i = 0; i < PER_LOAD; i++) sum[m][r] = fmaf(weights[i], values[m][i], sum[m][r]);
      }
    }
  };
  auto multiply = [&](int round) {
#pragma unroll
    for (int u = 0; u < LOADS; u++) multiplyOne(round, u);
  };
  if (RING) {
    for (int round = 0; round < ROUNDS - 1; round++) {
#pragma unroll
      for (int u = 0; u < LOADS; u++) {
        multiplyOne(round, u);
        loadOne(round + 1, u);
      }
    }
  } else {
    for (int round = 0; round < ROUNDS - 1; round++) {
      multiply(round);
      load(round + 1);
    }
  }
  if (LATE) gridDependencyLaunch();
  multiply(ROUNDS - 1);

  float value[X_ROWS];
#pragma unroll
  for (int m = 0; m < X_ROWS; m++) {
#pragma unroll
    for (int r = 0; r < ROWS_PER_WARP; r++) {
      const float all = warpSum(sum[m][r]);
      value[m] = r == 0 || lane == r ? all : value[m];
    }
  }
  if (SPLIT > 1) {
#pragma unroll
    for (int m = 0; m < X_ROWS; m++) {
      if (lane < ROWS_PER_WARP) parts[m][warp][lane] = value[m];
    }
    __syncthreads();
#pragma unroll
    for (int m = 0; m < X_ROWS; m++) {
      value[m] = 0.f;
      if (split == 0 && lane < ROWS_PER_WARP) {
#pragma unroll
        for (int s = 0; s < SPLIT; s++) value[m] += parts[m][warp + s][lane];
      }
    }
  }
  if (DEFERRED > 0) {
#pragma unroll
    for (int m = 0; m < X_ROWS; m++) {
      float squares = 0.f;
#pragma unroll
      for (int w = 0; w < WARPS; w++) squares += squaresBefore[m][w];
      value[m] *= rsqrtf(squares / (float)INNER + epsilon);
    }
  }

#pragma unroll
  for (int m = 0; m < X_ROWS; m++) {
    float v = value[m] * scale + shift;
    OUTPUT *to = out + m * OUT_WIDTH;
    if (EPILOGUE == PLAIN) {
      if (owns) to[own] = fromFloat<OUTPUT>(v);
    }
    if (EPILOGUE == RESIDUAL) {
      v += before[m];
      if (owns) residual[m * WIDTH + own] = v;
      if (NEXT) {
        if (owns) to[own] = fromFloat<OUTPUT>(v * nextScale);
        const float squares = warpSum(owns ? v * v : 0.f);
        if (lane == 0) squaresAfter[m][warp] = squares;
      }
    }
    if (EPILOGUE == GATED) {
      const float up = __shfl_xor_sync(0xffffffffu, v, 1);
      if (owns && lane % 2 == 0) to[own] = fromFloat<OUTPUT>(GATE(v) * up);
    }
    if (EPILOGUE == ROPE) {
      const float other = __shfl_xor_sync(0xffffffffu, v, 1);
      constexpr int HALF = HEAD_DIM / 2;
      const int head = own / HEAD_DIM;
      if (owns && head < HEADS + KV_HEADS) {
        const int at = (position[m] < 0 ? 0 : position[m]) * HALF + own % HALF;
        const float cosine = cosines[at], sine = sines[at];
        v = lane % 2 == 0 ? v * cosine - other * sine : v * cosine + other * sine;
      }
      if (owns && head < HEADS) to[own] = fromFloat<OUTPUT>(v);
      if (owns && head >= HEADS && slot[m] >= 0) {
        const bool isKey = head < HEADS + KV_HEADS;
        const int at = own - (isKey ? HEADS : HEADS + KV_HEADS) * HEAD_DIM;
        (isKey ? kCache : vCache)[(size_t)slot[m] * (KV_HEADS * HEAD_DIM) + at] = fromFloat<CACHE>(v);
      }
    }
  }
  if (EPILOGUE == RESIDUAL && NEXT) {
    __syncthreads();
    if (threadIdx.x < X_ROWS) {
      float all = 0.f;
#pragma unroll
      for (int w = 0; w < WARPS; w++) all += squaresAfter[threadIdx.x][w];
      sums[threadIdx.x * gridDim.x + blockIdx.x] = all;
    }
  }
}
