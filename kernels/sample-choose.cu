// One token for each row of logits, from what sample-scan found out about it: the likeliest, or one drawn after top-k, top-p
// and min-p; and what the model itself thought of it and of the likeliest.
//
// logits f32 [rows, VOCAB], adjusted likewise for rows that are adjusted; chosen i32 [rows, 2]: id and log-probability; tokens
// i32 [rows, TOPS, 2]: the same, likeliest first, ended by NO_TOKEN; drawn i32 [rows]. One block a row. A row that is greedy, or drawn
// without truncation, costs a few kilobytes; another one reads its logits two to six times.
//
// A cut (the k-th greatest; the last of the nucleus) is found by histogram: BINS bins of equal width in logits from the greatest
// down; then, in the bin where the cut falls, by the bits of the number. Bins add integers, so their sums have no order: a weight
// is kept to 27 bits relative to its bin's. Once what is left fits into a list in shared memory, nothing reads the row again.
// The draw itself sums in double precision over ids in ascending order.
#include "lib/philox.cuh"
#include "lib/sampling.cuh"

#ifndef VOCAB
#define VOCAB 32000
#endif
#ifndef TOPS
#define TOPS 20
#endif
#define THREADS 1024
#define WARPS (THREADS / 32)
#define CHUNKS ((VOCAB + CHUNK - 1) / CHUNK)
#define SEGMENT ((VOCAB + WARPS - 1) / WARPS)
#define BINS 2048
#define LISTED 2048
// A weight of e^-50 is less than the last of 53 random bits, even if all of a vocabulary weighed that.
#define REACH 50.0
// A weight's integer where it equals its bin's; kept as two digits of DIGIT bits, so that VOCAB of them fit into 32 bits each.
#define UNIT 134217728.0
#define DIGIT 14
// All loads of a batch are under way at once.
#define BATCH 8

__shared__ u32 low[BINS];
__shared__ u32 high[BINS];
__shared__ u64 list[LISTED]; // id, then order of the logit
__shared__ double room[WARPS];
__shared__ double chunkSums[CHUNKS];
__shared__ double segmentSums[WARPS];
__shared__ u64 tops[TOPS];
__shared__ int listed;
__shared__ int foundAt;
__shared__ double foundTarget, foundBefore, foundCell;
__shared__ int segment;
__shared__ double segmentTarget;
__shared__ int chosenId;

// What warp 0 found in the row's chunks.
__shared__ u64 rowBest;
__shared__ float rowLeast, originalMost, originalLeast, originalLogSum;
__shared__ double rowSum;

// Calls f(logit, id) for every logit of `row`, NaN among them.
template <typename F> __device__ __forceinline__ void eachOfRow(const float *row, F f) {
  for (int from = threadIdx.x; from < VOCAB; from += THREADS * BATCH) {
    float v[BATCH];
#pragma unroll
    for (int i = 0; i < BATCH; i++) v[i] = from + i * THREADS < VOCAB ? row[from + i * THREADS] : NOT_A_NUMBER;
#pragma unroll
    for (int i = 0; i < BATCH; i++) f(v[i], (u32)(from + i * THREADS));
  }
}

// The row, or what of it is in the list.
struct Source {
  const float *row;
  int count; // −1: the row
};
template <typename F> __device__ __forceinline__ void each(const Source &source, F f) {
  if (source.count < 0) {
    eachOfRow(source.row, f);
  } else {
    for (int i = threadIdx.x; i < source.count; i += THREADS) f(numberOf((u32)list[i]), (u32)(list[i] >> 32));
  }
}

// Logits from the greatest down to `reach` below it, in bins; the farther, the later.
struct Scale {
  float most;
  float reach;
  float perUnit; // bins per 1 of a logit
  double inverseTemperature;

  __device__ bool holds(float logit) const { return logit == most || most - logit <= reach; }
  __device__ int bin(float logit) const { return logit == most ? 0 : (int)fminf((most - logit) * perUnit, BINS - 1.f); }
  // The weight at which a bin begins.
  __device__ double begin(int bin) const {
    return perUnit > 0.f ? exp(-(double)bin * inverseTemperature / (double)perUnit) : 1.0;
  }
  __device__ u32 integer(float logit, int bin) const {
    if (logit == most) return (u32)UNIT;
    const double edge = perUnit > 0.f ? (double)bin / (double)perUnit : 0.0;
    const double relative = exp((edge - ((double)most - (double)logit)) * inverseTemperature);
    // A bin's edge in floats may lie a little beyond the true one.
    return (u32)(fmin(relative, 1.5) * UNIT + 0.5);
  }
};

__device__ Scale scaleOf(float most, float least, float reach, double inverseTemperature) {
  const float span = fminf(most - least, reach);
  const float perUnit = span > 0.f && span < INFINITE ? (float)BINS / span : 0.f;
  return {most, reach, perUnit < INFINITE ? perUnit : 0.f, inverseTemperature};
}

// The logits above `order`, and of those at it the ids up to `lastId`.
struct Set {
  u32 order;
  u32 lastId;

  __device__ bool holds(float logit, u32 id) const {
    const u32 o = orderOf(logit);
    return o > order || (o == order && id <= lastId);
  }
};

// Sum of `x` of the threads before, the same and this one's, and of all: in one fixed order, so that `through` of a thread is
// `before` of the next.
struct Prefix {
  double before, through, total;
};
__device__ Prefix prefixOf(double x) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  double inclusive = x;
#pragma unroll
  for (int offset = 1; offset < 32; offset <<= 1) {
    const double y = __shfl_up_sync(0xffffffffu, inclusive, offset);
    if (lane >= offset) inclusive += y;
  }
  if (lane == 31) room[warp] = inclusive;
  const double exclusive = __shfl_up_sync(0xffffffffu, inclusive, 1);
  __syncthreads();
  double base = 0.0, total = 0.0;
  for (int w = 0; w < WARPS; w++) {
    if (w == warp) base = total;
    total += room[w];
  }
  __syncthreads();
  return {base + (lane == 0 ? 0.0 : exclusive), base + inclusive, total};
}

__device__ void clearBins() {
  __syncthreads();
  for (int i = threadIdx.x; i < BINS; i += THREADS) low[i] = high[i] = 0;
  __syncthreads();
}
__device__ __forceinline__ double cellOf(int bin) { return (double)high[bin] * (double)(1 << DIGIT) + (double)low[bin]; }
__device__ __forceinline__ void addTo(int bin, u32 value) {
  atomicAdd(&low[bin], value & ((1u << DIGIT) - 1u));
  if (value >> DIGIT) atomicAdd(&high[bin], value >> DIGIT);
}

// The first bin at which the running sum of `value(bin)` reaches `targetOf(sum of all)`: foundAt, with the target, the sum
// before it and its own. Where none does foundAt is −1. Everybody has it on return.
template <typename V, typename T> __device__ void cross(V value, T targetOf) {
  const int bin = 2 * threadIdx.x;
  const double a = value(bin), b = value(bin + 1);
  if (threadIdx.x == 0) foundAt = -1;
  const Prefix sums = prefixOf(a + b);
  const double target = targetOf(sums.total);
  if (sums.before < target && target <= sums.through) {
    const bool second = sums.before + a < target;
    foundAt = second ? bin + 1 : bin;
    foundTarget = target;
    foundBefore = second ? sums.before + a : sums.before;
    foundCell = second ? b : a;
  }
  __syncthreads();
}

// Puts what `accepts` into the list, in no order, and returns how many; −1 when they do not fit.
template <typename A> __device__ int gather(const float *row, A accepts) {
  __syncthreads();
  if (threadIdx.x == 0) listed = 0;
  __syncthreads();
  eachOfRow(row, [&](float logit, u32 id) {
    if (!accepts(logit) || *(volatile int *)&listed > LISTED) return;
    const int at = atomicAdd(&listed, 1);
    if (at < LISTED) list[at] = (u64)id << 32 | orderOf(logit);
  });
  __syncthreads();
  return listed <= LISTED ? listed : -1;
}

// The greatest of `source` within `bounds`, as many as it takes for their sum to reach `targetOf(sum of all)`: the sum of 1
// for each, or of weights. Of logits that equal the least of them all belong, or, if `oneByOne`, the lowest ids that it takes.
// All of `bounds` where no sum reaches the target. `source` becomes the list, with all of the set, where that fits.
template <bool WEIGHED, typename T>
__device__ Set greatest(Source &source, const Scale &scale, const Set bounds, bool oneByOne, T targetOf) {
  const auto within = [&](float logit) { return scale.holds(logit) && orderOf(logit) >= bounds.order; };
  const auto units = [&](float logit, int bin) { return WEIGHED ? scale.integer(logit, bin) : 1u; };

  clearBins();
  each(source, [&](float logit, u32) {
    if (!within(logit)) return;
    const int bin = scale.bin(logit);
    addTo(bin, units(logit, bin));
  });
  __syncthreads();
  cross(
      [&](int bin) {
        const double cell = cellOf(bin);
        return !WEIGHED || cell == 0.0 ? cell : cell / UNIT * scale.begin(bin);
      },
      targetOf);
  const int bin = foundAt;
  if (bin < 0) return bounds;

  // What the bin is to contribute, in its own integers: these sums are exact.
  double wanted = foundTarget - foundBefore;
  if (WEIGHED) wanted = fmin(wanted / scale.begin(bin) * UNIT, cellOf(bin));
  Source inner = source;
  if (source.count < 0) {
    source.count = gather(source.row, [&](float logit) { return within(logit) && scale.bin(logit) <= bin; });
    inner.count = source.count;
    if (inner.count < 0) {
      inner.count = gather(source.row, [&](float logit) { return within(logit) && scale.bin(logit) == bin; });
    }
  }
  u32 order = 0, mask = 0;
  double cell = 0.0;
  for (int level = 0; level < 3; level++) {
    const int shift = level == 0 ? 21 : level == 1 ? 10 : 0;
    const u32 digits = level == 2 ? 1023u : 2047u;
    clearBins();
    each(inner, [&](float logit, u32) {
      const u32 o = orderOf(logit);
      if (!within(logit) || scale.bin(logit) != bin || (o & mask) != order) return;
      addTo(BINS - 1 - (int)((o >> shift) & digits), units(logit, bin));
    });
    __syncthreads();
    cross(cellOf, [&](double) { return wanted; });
    if (foundAt < 0) return bounds;
    order |= (u32)(BINS - 1 - foundAt) << shift;
    mask |= digits << shift;
    wanted -= foundBefore;
    cell = foundCell;
  }
  const double each1 = (double)units(numberOf(order), bin);
  double ties = ceil(wanted / each1);
  if (!oneByOne || ties * each1 >= cell) return {order, 0xffffffffu};

  u32 lastId = 0;
  for (int shift = 9; shift >= 0; shift -= 9) {
    clearBins();
    each(inner, [&](float logit, u32 id) {
      if (!scale.holds(logit) || orderOf(logit) != order || (shift == 0 && id >> 9 != lastId >> 9)) return;
      addTo((int)(shift == 0 ? id & 511u : id >> 9), 1u);
    });
    __syncthreads();
    cross(cellOf, [&](double) { return ties; });
    lastId |= (u32)foundAt << shift;
    ties -= foundBefore;
  }
  return {order, lastId};
}

// The id, of `count` from `first` on, at which the running sum of `weight(logit, id)` exceeds `target`; the last that weighs
// anything where rounding leaves the target beyond all of them.
template <typename W> __device__ int drawWithin(const float *row, int first, int count, double target, W weight) {
  const int each1 = (count + THREADS - 1) / THREADS;
  const int begin = first + min(count, (int)threadIdx.x * each1), end = first + min(count, ((int)threadIdx.x + 1) * each1);
  double sum = 0.0;
  for (int id = begin; id < end; id++) sum += weight(row[id], (u32)id);
  __syncthreads();
  if (threadIdx.x == 0) chosenId = NO_TOKEN;
  const Prefix sums = prefixOf(sum);
  if (sums.before <= target && target < sums.through) {
    double running = sums.before;
    int id = NO_TOKEN;
    for (int i = begin; i < end && (id == NO_TOKEN || running <= target); i++) {
      const double w = weight(row[i], (u32)i);
      running += w;
      if (w > 0.0) id = i;
    }
    chosenId = id;
  }
  __syncthreads();
  const bool beyond = chosenId == NO_TOKEN;
  __syncthreads();
  if (beyond) {
    for (int id = end - 1; id >= begin; id--) {
      if (!(weight(row[id], (u32)id) > 0.0)) continue;
      atomicMax(&chosenId, id);
      break;
    }
    __syncthreads();
  }
  return chosenId;
}

// One draw from the whole row, of what `weight` gives something to.
template <typename W> __device__ int drawFromRow(const float *row, double u, W weight) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int end = min(VOCAB, (warp + 1) * SEGMENT);
  double sum = 0.0;
  for (int from = warp * SEGMENT + lane; from < end; from += 32 * BATCH) {
    float v[BATCH];
#pragma unroll
    for (int i = 0; i < BATCH; i++) v[i] = from + 32 * i < end ? row[from + 32 * i] : NOT_A_NUMBER;
#pragma unroll
    for (int i = 0; i < BATCH; i++) sum += weight(v[i], (u32)(from + 32 * i));
  }
  sum = warpSum(sum);
  if (lane == 0) segmentSums[warp] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    double total = 0.0, before = 0.0;
    for (int w = 0; w < WARPS; w++) total += segmentSums[w];
    const double target = u * total;
    segment = 0;
    segmentTarget = target;
    for (int w = 0; w < WARPS; w++) {
      if (!(segmentSums[w] > 0.0)) continue;
      segment = w;
      segmentTarget = target - before;
      before += segmentSums[w];
      if (before > target) break;
    }
  }
  __syncthreads();
  const int first = segment * SEGMENT;
  return drawWithin(row, first, min(SEGMENT, VOCAB - first), segmentTarget, weight);
}

// One draw from the first `count` of the list, of what `weight` gives something to; the list is sorted by id.
template <typename W> __device__ int drawFromList(int count, double u, W weight) {
  int size = 2;
  while (size < count) size *= 2;
  __syncthreads();
  for (int i = count + threadIdx.x; i < size; i += THREADS) list[i] = ~0ull;
  __syncthreads();
  for (int width = 2; width <= size; width *= 2) {
    for (int distance = width / 2; distance > 0; distance /= 2) {
      for (int pair = threadIdx.x; pair < size / 2; pair += THREADS) {
        const int a = 2 * pair - (pair & (distance - 1)), b = a + distance;
        const u64 x = list[a], y = list[b];
        if ((x > y) == ((a & width) == 0)) {
          list[a] = y;
          list[b] = x;
        }
      }
      __syncthreads();
    }
  }
  double w[2];
  for (int i = 0; i < 2; i++) {
    const int at = 2 * threadIdx.x + i;
    w[i] = at < count ? weight(numberOf((u32)list[at]), (u32)(list[at] >> 32)) : 0.0;
  }
  if (threadIdx.x == 0) chosenId = NO_TOKEN;
  const Prefix sums = prefixOf(w[0] + w[1]);
  const double target = u * sums.total;
  if (sums.before <= target && target < sums.through) {
    const bool second = !(w[0] > 0.0) || (sums.before + w[0] <= target && w[1] > 0.0);
    chosenId = (int)(list[2 * threadIdx.x + (second ? 1 : 0)] >> 32);
  }
  __syncthreads();
  const bool beyond = chosenId == NO_TOKEN;
  __syncthreads();
  if (beyond) {
    for (int i = 0; i < 2; i++) {
      if (w[i] > 0.0) atomicMax(&chosenId, (int)(list[2 * threadIdx.x + i] >> 32));
    }
    __syncthreads();
  }
  return chosenId;
}

// A token by temperature, top-k, top-p and min-p, in this order.
__device__ int draw(const SamplingRow &row, const float *logits) {
  const float most = numberOf((u32)(rowBest >> 32));
  const double inverse = row.inverseTemperature;
  const double u = philoxUniform(row.keyLow, row.keyHigh, row.positionLow, row.positionHigh);
  const bool cutsK = row.topK > 0 && row.topK < VOCAB, cutsP = row.topP < 1.0;

  if (!cutsK && !cutsP && !(row.minP > 0.0)) {
    const double target = u * rowSum;
    if (threadIdx.x == 0) {
      double before = 0.0;
      for (int c = 0; c < CHUNKS; c++) {
        if (!(chunkSums[c] > 0.0)) continue;
        segment = c;
        segmentTarget = target - before;
        before += chunkSums[c];
        if (before > target) break;
      }
    }
    __syncthreads();
    const int first = segment * CHUNK;
    return drawWithin(logits, first, min(CHUNK, VOCAB - first), segmentTarget, [&](float logit, u32) {
      return logit > -INFINITE ? weightOf(logit, most, inverse) : 0.0;
    });
  }

  double reach = REACH;
  // Weights under (1 − p) · sum / VOCAB sum to less than (1 − p) · sum: the nucleus has none of them.
  if (cutsP && !cutsK) reach = fmin(reach, 1e-6 - log((1.0 - row.topP) * rowSum / VOCAB));
  if (!cutsP && !cutsK) reach = fmin(reach, 1e-6 - log(row.minP));
  const float logitReach = (float)fmin(reach / inverse * (1.0 + 1e-6), 3e38);
  const Scale scale = scaleOf(most, rowLeast, logitReach, inverse);

  Source source = {logits, -1};
  Set set = {0u, 0xffffffffu};
  if (cutsK) set = greatest<false>(source, scale, set, false, [&](double) { return (double)row.topK; });
  if (cutsP) {
    set = greatest<true>(source, scale, set, true,
                         [&](double sum) { return fmax(row.topP * (cutsK ? sum : rowSum), 1e-300); });
  }
  const auto weight = [&](float logit, u32 id) {
    if (!scale.holds(logit) || !set.holds(logit, id)) return 0.0;
    const double w = weightOf(logit, most, inverse);
    return w >= row.minP ? w : 0.0;
  };
  return source.count < 0 ? drawFromRow(logits, u, weight) : drawFromList(source.count, u, weight);
}

// The `count` likeliest of `logits`, likeliest first, lower ids first among equals; fewer where there are fewer numbers.
__device__ void likeliest(const float *logits, int count, int *to) {
  const Scale scale = scaleOf(originalMost, originalLeast, INFINITE, 1.0);
  Source source = {logits, -1};
  const Set set = greatest<false>(source, scale, {0u, 0xffffffffu}, true, [&](double) { return (double)count; });
  __syncthreads();
  if (threadIdx.x == 0) listed = 0;
  __syncthreads();
  each(source, [&](float logit, u32 id) {
    if (!scale.holds(logit) || !set.holds(logit, id)) return;
    const int at = atomicAdd(&listed, 1);
    if (at < TOPS) tops[at] = (u64)orderOf(logit) << 32 | (0xffffffffu - id);
  });
  __syncthreads();
  const int found = min(listed, TOPS), i = threadIdx.x;
  if (i < found) {
    int rank = 0;
    for (int j = 0; j < found; j++) rank += tops[j] > tops[i] ? 1 : 0;
    const float logit = numberOf((u32)(tops[i] >> 32));
    to[2 * rank] = (int)(0xffffffffu - (u32)tops[i]);
    to[2 * rank + 1] = __float_as_int((logit == originalMost ? 0.f : logit - originalMost) - originalLogSum);
  } else if (i == found && found < TOPS) {
    to[2 * found] = NO_TOKEN;
  }
}

// By the first warp.
__device__ void combine(const SamplingRow &row, const ChunkStats *stats) {
  const int lane = threadIdx.x;
  u64 best = 0;
  float least = INFINITE, most0 = -INFINITE, least0 = INFINITE;
  for (int c = lane; c < CHUNKS; c += 32) {
    best = maxOf(best, stats[c].best);
    least = fminf(least, stats[c].least);
    most0 = fmaxf(most0, stats[c].originalMost);
    least0 = fminf(least0, stats[c].originalLeast);
  }
  best = warpMax(best);
  if (row.inverseTemperature > 0.0) {
    least = warpMin(least);
    const float most = numberOf((u32)(best >> 32));
    for (int c = lane; c < CHUNKS; c += 32) {
      const u64 own = stats[c].best;
      chunkSums[c] =
          own == 0 ? 0.0 : stats[c].sum * weightOf(numberOf((u32)(own >> 32)), most, row.inverseTemperature);
    }
    __syncwarp();
    if (lane == 0) {
      double sum = 0.0;
      for (int c = 0; c < CHUNKS; c++) sum += chunkSums[c];
      rowSum = sum;
      rowLeast = least;
    }
  }
  if (row.topLogprobs >= 0) {
    most0 = warpMax(most0);
    least0 = warpMin(least0);
    double sum = 0.0;
    for (int c = lane; c < CHUNKS; c += 32) {
      if (stats[c].originalMost > -INFINITE) {
        sum += (double)stats[c].originalSum * weightOf(stats[c].originalMost, most0, 1.0);
      }
    }
    sum = warpSum(sum);
    if (lane == 0) {
      originalMost = most0;
      originalLeast = least0;
      originalLogSum = (float)log(sum);
    }
  }
  if (lane == 0) rowBest = best;
}

extern "C" __global__ void __launch_bounds__(THREADS)
    sampleChoose(const float *logits, const float *adjusted, const SamplingRow *rows, const ChunkStats *stats, int *chosen,
                 int *tokens, int *drawn) {
  gridDependencyLaunch();
  gridDependencyWait();
  const int r = blockIdx.x;
  const SamplingRow &row = rows[r];
  const float *original = logits + (u64)r * VOCAB;
  if (threadIdx.x < 32) combine(row, stats + (u64)r * CHUNKS);
  __syncthreads();

  int id = NO_TOKEN;
  if (rowBest != 0) {
    id = row.inverseTemperature > 0.0 ? draw(row, row.adjusts ? adjusted + (u64)r * VOCAB : original)
                                      : (int)(0xffffffffu - (u32)rowBest);
  }
  if (threadIdx.x == 0) {
    float logprob = NOT_A_NUMBER;
    if (id != NO_TOKEN && row.topLogprobs >= 0) {
      const float logit = original[id];
      logprob = (logit == originalMost ? 0.f : logit - originalMost) - originalLogSum;
    }
    chosen[2 * r] = id;
    chosen[2 * r + 1] = __float_as_int(logprob);
    drawn[r] = id;
  }
  if (id != NO_TOKEN && row.topLogprobs > 0) likeliest(original, min(row.topLogprobs, TOPS), tokens + (u64)r * TOPS * 2);
}
