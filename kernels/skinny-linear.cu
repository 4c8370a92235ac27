// out[r, n] = Σ_k x[r, k] · weight[n, k] · scale[n] (+ bias[n]) for few rows of x, on tensor cores.
//
// Bytes: those of the weight, once for each TOKENS rows, which at up to 64 rows is what the time goes into. So weights
// go straight from memory to registers, LOADS loads of 16 bytes deep, the first before the wait for the launch before;
// x, which every block reads, passes through shared memory in a pipeline of STAGES copies.
//
// The weight is the A of mma.m16n8k16 and x its B. A lane's 16 bytes are consecutive in k, where a fragment has pairs of
// columns 8 apart: so the columns of a chunk are taken in another order, the same for A and B, and a sum does not care.
// Lane 4·g + t of a warp holds run t of the chunk (8 values of 16 bits or 16 of 8 bits), of weight rows g and g + 8 and
// of x's row g.
//
// A block computes ROWS = WARPS / K_WARPS · TILES · 16 rows of the weight for TOKENS rows of x over one of SPLITS slices
// of k. K_WARPS warps take turns at the chunks of the same rows and add up through shared memory in the end: small
// blocks, of which the next kernel's take the place one by one, keep memory busier than large ones, which start and end
// together. With several slices each block leaves its part in `parts`; the last of a tile to come adds them up in the
// order of k and does the rest. A sum's order depends on INNER, K_WARPS and, with several slices, on STAGE and SPLITS:
// neither on how many rows there are nor on TOKENS, WARPS, TILES, LOADS and STAGES.
//
// EPILOGUE  0  out[r, n]
//           1  residual[r, n] += the product
//           2  weight rows [gate | up]: out[r, i] = f(gate) · up; a tile's rows 0–7 are gates, 8–15 what they gate
//
// A row of the weight is a multiple of 16 bytes, INNER of 8. Grid [⌈rows / TOKENS⌉, ⌈WIDTH / ROWS⌉, SPLITS].
#include "lib/types.cuh"
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
#ifndef TOKENS
#define TOKENS 32
#endif
#ifndef WARPS
#define WARPS 8
#endif
// Warps that share k; the others have rows of their own.
#ifndef K_WARPS
#define K_WARPS 1
#endif
#ifndef TILES
#define TILES 1
#endif
#ifndef LOADS
#define LOADS 8
#endif
// Values of k in a stage of x.
#ifndef STAGE
#define STAGE 256
#endif
#ifndef STAGES
#define STAGES 3
#endif
#ifndef SPLITS
#define SPLITS 4
#endif
// Blocks that a multiprocessor has at a time, at least: one fetches while another ends.
#ifndef RESIDENT
#define RESIDENT 2
#endif
// Whether the launch after may start only when the last loads are under way, so that its own fall into the gap between
// the two.
#ifndef LATE
#define LATE 0
#endif
#ifndef BIAS
#define BIAS 0
#endif
#ifndef EPILOGUE
#define EPILOGUE 0
#endif
#ifndef GATE
#define GATE silu
#endif

constexpr int PLAIN = 0, RESIDUAL = 1, GATED = 2;
constexpr int THREADS = WARPS * 32;
constexpr int ROWS = WARPS / K_WARPS * TILES * 16;
// Values of k in a lane's 16 bytes, in a chunk, products of a chunk, and chunks of a warp in a stage.
constexpr int RUN = 16 / sizeof(WEIGHT);
constexpr int CHUNK = 4 * RUN;
constexpr int MMAS = CHUNK / 16;
constexpr int CHUNKS = STAGE / (CHUNK * K_WARPS);
constexpr int ALL_STAGES = (INNER + STAGE - 1) / STAGE;
constexpr int COLUMN_TILES = TOKENS / 8;
// Chunks that the loop's body spells out, so that registers and stages have constant names.
constexpr int BODY = LOADS > CHUNKS ? LOADS : CHUNKS;
// Bytes between rows of x in shared memory: 64 or 16 more than a multiple of 128, so that the eight lanes that are
// served at a time, which read four runs of two rows, meet no bank twice.
constexpr int X_STRIDE = STAGE * 2 + (sizeof(WEIGHT) == 1 ? 16 : 64);
constexpr int X_STAGE = TOKENS * X_STRIDE;
constexpr int COPIES = TOKENS * STAGE / 8;
// Fragments of sums that a warp has.
constexpr int OWN = TILES * COLUMN_TILES;
static_assert(STAGE % (CHUNK * K_WARPS) == 0 && (STAGE * 2) % 128 == 0 && WARPS % K_WARPS == 0, "stages");
static_assert(INNER % RUN == 0 && INNER % 8 == 0, "rows of 16 bytes");
static_assert(BODY % LOADS == 0 && BODY % CHUNKS == 0, "the loop's body");
static_assert(TOKENS % 8 == 0 && sizeof(ACTIVATION) == 2, "activations");

template <typename A> __device__ __forceinline__ void multiply(float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]);
template <> __device__ __forceinline__ void multiply<bf16>(float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]) { mmaBf16(d, a, b); }
template <> __device__ __forceinline__ void multiply<f16>(float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]) { mmaF16(d, a, b); }

__device__ __forceinline__ void add(float4 &to, const float4 &from) {
  to.x += from.x;
  to.y += from.y;
  to.z += from.z;
  to.w += from.w;
}
// The row of the weight that row `i` of 0…15 of the block's tile `tile` is.
__device__ __forceinline__ int rowOf(int tile, int i) {
  const int at = blockIdx.y * (ROWS / 16) + tile;
  return EPILOGUE == GATED ? (i / 8) * (WIDTH / 2) + at * 8 + i % 8 : at * 16 + i;
}
extern "C" __global__ void __launch_bounds__(THREADS, RESIDENT)
    skinnyLinear(const WEIGHT *weight, const float *scales, const float *bias, const ACTIVATION *x, OUTPUT *out, float *residual,
                 float4 *parts, u32 *counters, int rows) {
  extern __shared__ unsigned char shared[];
  __shared__ u32 arrived;
  const int lane = threadIdx.x % 32;
  const int warp = threadIdx.x / 32;
  const int rowWarp = warp / K_WARPS;
  const int kWarp = warp % K_WARPS;
  const int g = lane / 4;
  const int t = lane % 4;
  const int firstToken = blockIdx.x * TOKENS;
  const int firstStage = blockIdx.z * ALL_STAGES / SPLITS;
  const int endStage = (blockIdx.z + 1) * ALL_STAGES / SPLITS;
  const int chunks = (endStage - firstStage) * CHUNKS;
  const int firstK = firstStage * STAGE + kWarp * CHUNK + t * RUN;

  const WEIGHT *from[TILES][2];
#pragma unroll
  for (int tile = 0; tile < TILES; tile++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      // Rows beyond the last read the last one again; nobody looks at what they give.
      int row = rowOf(rowWarp * TILES + tile, g + 8 * half);
      row = row < WIDTH ? row : WIDTH - 1;
      from[tile][half] = weight + (size_t)row * INNER + firstK;
    }
  }
  uint4 loaded[LOADS][TILES][2];
  auto load = [&](int slot, int chunk) {
    const int k = chunk * (CHUNK * K_WARPS);
    const bool inside = chunk < chunks && (INNER % STAGE == 0 || firstK + k < INNER);
#pragma unroll
    for (int tile = 0; tile < TILES; tile++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        loaded[slot][tile][half] =
            inside ? loadStreaming((const uint4 *)(from[tile][half] + k)) : make_uint4(0, 0, 0, 0);
      }
    }
  };
#pragma unroll
  for (int slot = 0; slot < LOADS; slot++) load(slot, slot);

  if (!LATE) gridDependencyLaunch();
  gridDependencyWait();

  auto copyStage = [&](int stage) {
    if (stage < endStage) {
      unsigned char *to = shared + (stage - firstStage) % STAGES * X_STAGE;
#pragma unroll
      for (int c = 0; c < (COPIES + THREADS - 1) / THREADS; c++) {
        const int i = c * THREADS + threadIdx.x;
        const int token = i / (STAGE / 8);
        const int k = i % (STAGE / 8) * 8;
        if (COPIES % THREADS == 0 || i < COPIES) {
          const bool inside = firstToken + token < rows && (INNER % STAGE == 0 || stage * STAGE + k < INNER);
          const ACTIVATION *source = inside ? x + (size_t)(firstToken + token) * INNER + stage * STAGE + k : x;
          copyAsync16(to + token * X_STRIDE + k * 2, source, inside);
        }
      }
    }
    copyAsyncCommit();
  };
#pragma unroll
  for (int s = 0; s < STAGES - 1; s++) copyStage(firstStage + s);

  float sum[TILES][COLUMN_TILES][4] = {};
  int stage = firstStage;
  const unsigned char *xStage = shared;
  for (int base = 0; base < chunks; base += BODY) {
#pragma unroll
    for (int c = 0; c < BODY; c++) {
      if (BODY > CHUNKS && base + c >= chunks) break;
      if (c % CHUNKS == 0) {
        copyAsyncWait<STAGES - 2>();
        // All have their part of this stage, and are through with the one whose place the next one takes.
        __syncthreads();
        copyStage(stage + STAGES - 1);
        xStage = shared + (stage - firstStage) % STAGES * X_STAGE + g * X_STRIDE + (kWarp * CHUNK + t * RUN) * 2;
        stage++;
      }
      constexpr int WORDS = Pairs<ACTIVATION, WEIGHT>::COUNT;
      const int slot = c % LOADS;
      u32 a[TILES][2][WORDS];
#pragma unroll
      for (int tile = 0; tile < TILES; tile++) {
#pragma unroll
        for (int half = 0; half < 2; half++) Pairs<ACTIVATION, WEIGHT>::of(loaded[slot][tile][half], a[tile][half]);
      }
#pragma unroll
      for (int column = 0; column < COLUMN_TILES; column++) {
        const uint4 *run = (const uint4 *)(xStage + column * 8 * X_STRIDE + c % CHUNKS * (K_WARPS * CHUNK * 2));
#pragma unroll
        for (int i = 0; i < MMAS / 2; i++) {
          const uint4 values = run[i];
          const u32 b[2][2] = {{values.x, values.y}, {values.z, values.w}};
#pragma unroll
          for (int j = 0; j < 2; j++) {
            const int word = 2 * (2 * i + j);
#pragma unroll
            for (int tile = 0; tile < TILES; tile++) {
              const u32 fragment[4] = {a[tile][0][word], a[tile][1][word], a[tile][0][word + 1], a[tile][1][word + 1]};
              multiply<ACTIVATION>(sum[tile][column], fragment, b[j]);
            }
          }
        }
      }
      load(slot, base + c + LOADS);
    }
  }

  if (LATE) gridDependencyLaunch();

  // The warps that share rows each finish some of their fragments: the i-th of this one is fragment i · K_WARPS + kWarp.
  constexpr int FINISHED = (OWN + K_WARPS - 1) / K_WARPS;
  float4 done[FINISHED];
  auto fragmentOf = [&](int i) { return i * K_WARPS + kWarp; };
  if (K_WARPS == 1) {
#pragma unroll
    for (int f = 0; f < OWN; f++) {
      const float(&d)[4] = sum[f / COLUMN_TILES][f % COLUMN_TILES];
      done[f] = make_float4(d[0], d[1], d[2], d[3]);
    }
  } else {
    // The copies of stages that are not there were empty, so x's place is free once all have come by.
    __syncthreads();
    float4 *room = (float4 *)shared + rowWarp * (K_WARPS * OWN * 32) + lane;
#pragma unroll
    for (int f = 0; f < OWN; f++) {
      const float(&d)[4] = sum[f / COLUMN_TILES][f % COLUMN_TILES];
      room[(kWarp * OWN + f) * 32] = make_float4(d[0], d[1], d[2], d[3]);
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < FINISHED; i++) {
      done[i] = make_float4(0.f, 0.f, 0.f, 0.f);
      if (OWN % K_WARPS != 0 && fragmentOf(i) >= OWN) continue;
#pragma unroll
      for (int other = 0; other < K_WARPS; other++) add(done[i], room[(other * OWN + fragmentOf(i)) * 32]);
    }
  }

  if (SPLITS > 1) {
    const size_t tileIndex = (size_t)blockIdx.y * gridDim.x + blockIdx.x;
    constexpr int SLICE = WARPS / K_WARPS * OWN * 32;
    float4 *first = parts + tileIndex * SPLITS * SLICE + rowWarp * (OWN * 32) + lane;
#pragma unroll
    for (int i = 0; i < FINISHED; i++) {
      if (OWN % K_WARPS != 0 && fragmentOf(i) >= OWN) continue;
      first[blockIdx.z * SLICE + fragmentOf(i) * 32] = done[i];
    }
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0) arrived = addRelease(&counters[tileIndex], 1);
    __syncthreads();
    if (arrived != SPLITS - 1) return;
    __threadfence();
    if (threadIdx.x == 0) counters[tileIndex] = 0;
#pragma unroll
    for (int i = 0; i < FINISHED; i++) done[i] = make_float4(0.f, 0.f, 0.f, 0.f);
    // One slice at a time: all of them at once would not fit into registers.
#pragma unroll 1
    for (int s = 0; s < SPLITS; s++) {
#pragma unroll
      for (int i = 0; i < FINISHED; i++) {
        if (OWN % K_WARPS != 0 && fragmentOf(i) >= OWN) continue;
        add(done[i], first[s * SLICE + fragmentOf(i) * 32]);
      }
    }
  }

#pragma unroll
  for (int i = 0; i < FINISHED; i++) {
    const int f = fragmentOf(i);
    if (OWN % K_WARPS != 0 && f >= OWN) continue;
    const int upper = rowOf(rowWarp * TILES + f / COLUMN_TILES, g);
    const int lower = rowOf(rowWarp * TILES + f / COLUMN_TILES, g + 8);
    // A gate beyond the last one would be a row of the other half.
    const bool hasUpper = upper < (EPILOGUE == GATED ? WIDTH / 2 : WIDTH);
    const bool hasLower = EPILOGUE == GATED ? hasUpper : lower < WIDTH;
    const float upperScale = Scaled<WEIGHT>::value && hasUpper ? scales[upper] : 1.f;
    const float lowerScale = Scaled<WEIGHT>::value && hasLower ? scales[lower] : 1.f;
    const float upperShift = BIAS && hasUpper ? bias[upper] : 0.f;
    const float lowerShift = BIAS && hasLower ? bias[lower] : 0.f;
#pragma unroll
    for (int j = 0; j < 2; j++) {
      const size_t token = firstToken + f % COLUMN_TILES * 8 + 2 * t + j;
      if (token >= (size_t)rows) continue;
      const float above = (j == 0 ? done[i].x : done[i].y) * upperScale + upperShift;
      const float below = (j == 0 ? done[i].z : done[i].w) * lowerScale + lowerShift;
      if (EPILOGUE == PLAIN) {
        if (hasUpper) out[token * WIDTH + upper] = fromFloat<OUTPUT>(above);
        if (hasLower) out[token * WIDTH + lower] = fromFloat<OUTPUT>(below);
      }
      if (EPILOGUE == RESIDUAL) {
        if (hasUpper) residual[token * WIDTH + upper] += above;
        if (hasLower) residual[token * WIDTH + lower] += below;
      }
      if (EPILOGUE == GATED) {
        if (hasUpper) out[token * (WIDTH / 2) + upper] = fromFloat<OUTPUT>(GATE(above) * below);
      }
    }
  }
}
