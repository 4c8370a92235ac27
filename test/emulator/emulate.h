#pragma once
// CUDA C++ for g++: what kernels get without any header, on top of the emulated block. No standard header is included:
// a kernel compiles in well under a second, and cannot use what NVRTC would not give it.
#include "block.h"

#define __device__
#define __host__
#define __global__
#define __constant__
#define __grid_constant__
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
// Blocks run one after another on one thread, so that a block's memory is the module's. `extern __shared__` has become
// EMULATED_DYNAMIC_SHARED before the compiler sees it.
#define __shared__ static
#define EMULATED_DYNAMIC_SHARED(type, name) static type *const &name = (type *const &)emulated.shared

extern "C" __attribute__((visibility("hidden"))) char __bss_start[], _end[];
extern "C" {
__attribute__((visibility("default"))) EmulatedBlock emulated = {{}, {}, {}, {}, 0, 0, __bss_start, _end};
}
#define threadIdx emulated.thread
#define blockIdx emulated.block
#define blockDim emulated.blockSize
#define gridDim emulated.gridSize
#define warpSize 32

// After `__shared__` a standard attribute may not stand in C++, but CUDA takes it.
#define alignas(bytes) __attribute__((aligned(bytes)))
#define __align__(bytes) __attribute__((aligned(bytes)))

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef __UINTPTR_TYPE__ uintptr_t;

// ── Vector types ──

#define EMULATED_VECTORS(T, name, align2, align4)                                                                      \
  struct name##1 { T x; };                                                                                             \
  struct alignas(align2) name##2 { T x, y; };                                                                          \
  struct name##3 { T x, y, z; };                                                                                       \
  struct alignas(align4) name##4 { T x, y, z, w; };                                                                    \
  static inline name##1 make_##name##1(T x) { return {x}; }                                                            \
  static inline name##2 make_##name##2(T x, T y) { return {x, y}; }                                                    \
  static inline name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; }                                            \
  static inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
EMULATED_VECTORS(signed char, char, 2, 4)
EMULATED_VECTORS(unsigned char, uchar, 2, 4)
EMULATED_VECTORS(short, short, 4, 8)
EMULATED_VECTORS(unsigned short, ushort, 4, 8)
EMULATED_VECTORS(int, int, 8, 16)
EMULATED_VECTORS(unsigned int, uint, 8, 16)
EMULATED_VECTORS(float, float, 8, 16)
EMULATED_VECTORS(long long, longlong, 16, 16)
EMULATED_VECTORS(unsigned long long, ulonglong, 16, 16)
EMULATED_VECTORS(double, double, 16, 16)
#undef EMULATED_VECTORS
struct dim3 {
  unsigned int x, y, z;
  constexpr dim3(unsigned int x = 1, unsigned int y = 1, unsigned int z = 1) : x(x), y(y), z(z) {}
};

// ── Barriers and warp operations ──

static inline void __syncthreads() { emulated.runtime->barrier(); }
static inline void __threadfence() {}
static inline void __threadfence_block() {}
static inline void __threadfence_system() {}

static inline void emulatedMeet(void **, unsigned int) {}
static inline void __syncwarp(unsigned int mask = 0xffffffffu) { emulated.runtime->warp(mask, emulatedMeet, 0); }

template <class T> struct EmulatedShuffle {
  T value;
  int source;
};
template <class T> static void emulatedShuffle(void **operands, unsigned int) {
  EmulatedShuffle<T> given[32];
  for (int lane = 0; lane < 32; lane++) {
    if (operands[lane]) given[lane] = *(EmulatedShuffle<T> *)operands[lane];
    // A lane that is not there gives anything: NaN or −1.
    else __builtin_memset(&given[lane], 0xff, sizeof given[lane]);
  }
  for (int lane = 0; lane < 32; lane++)
    if (operands[lane]) ((EmulatedShuffle<T> *)operands[lane])->value = given[given[lane].source].value;
}
template <class T> static inline T emulatedShuffleFrom(unsigned int mask, T value, int source) {
  EmulatedShuffle<T> operand = {value, source};
  emulated.runtime->warp(mask, emulatedShuffle<T>, &operand);
  return operand.value;
}
template <class T> static inline T __shfl_sync(unsigned int mask, T value, int source, int width = 32) {
  int lane = emulated.runtime->lane();
  return emulatedShuffleFrom(mask, value, (lane & ~(width - 1)) | (source & (width - 1)));
}
template <class T> static inline T __shfl_xor_sync(unsigned int mask, T value, int with, int width = 32) {
  int lane = emulated.runtime->lane();
  int source = lane ^ with;
  return emulatedShuffleFrom(mask, value, source <= (lane | (width - 1)) ? source : lane);
}
template <class T> static inline T __shfl_up_sync(unsigned int mask, T value, unsigned int by, int width = 32) {
  int lane = emulated.runtime->lane();
  int source = lane - (int)by;
  return emulatedShuffleFrom(mask, value, source >= (lane & ~(width - 1)) ? source : lane);
}
template <class T> static inline T __shfl_down_sync(unsigned int mask, T value, unsigned int by, int width = 32) {
  int lane = emulated.runtime->lane();
  int source = lane + (int)by;
  return emulatedShuffleFrom(mask, value, source <= (lane | (width - 1)) ? source : lane);
}
static inline void emulatedVote(void **operands, unsigned int) {
  unsigned int votes = 0;
  for (int lane = 0; lane < 32; lane++)
    if (operands[lane] && *(unsigned int *)operands[lane]) votes |= 1u << lane;
  for (int lane = 0; lane < 32; lane++)
    if (operands[lane]) *(unsigned int *)operands[lane] = votes;
}
static inline void emulatedVoteAll(void **operands, unsigned int lanes) {
  unsigned int all = 1;
  for (int lane = 0; lane < 32; lane++)
    if (operands[lane] && !*(unsigned int *)operands[lane]) all = 0;
  for (int lane = 0; lane < 32; lane++)
    if (operands[lane]) *(unsigned int *)operands[lane] = all;
}
static inline unsigned int __ballot_sync(unsigned int mask, int predicate) {
  unsigned int vote = predicate != 0;
  emulated.runtime->warp(mask, emulatedVote, &vote);
  return vote;
}
static inline int __any_sync(unsigned int mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
static inline int __all_sync(unsigned int mask, int predicate) {
  unsigned int vote = predicate != 0;
  emulated.runtime->warp(mask, emulatedVoteAll, &vote);
  return (int)vote;
}
static inline void __nanosleep(unsigned int) { emulated.runtime->yield(); }
static inline void __trap() { emulated.runtime->trap("__trap()"); }

// ── Atomics: of integers only, since sums of floats would depend on the order of threads ──

#define EMULATED_ATOMICS(T)                                                                                            \
  static inline T atomicAdd(T *at, T value) { T before = *at; *at = before + value; return before; }                   \
  static inline T atomicSub(T *at, T value) { T before = *at; *at = before - value; return before; }                   \
  static inline T atomicMax(T *at, T value) { T before = *at; if (value > before) *at = value; return before; }        \
  static inline T atomicMin(T *at, T value) { T before = *at; if (value < before) *at = value; return before; }        \
  static inline T atomicOr(T *at, T value) { T before = *at; *at = before | value; return before; }                    \
  static inline T atomicAnd(T *at, T value) { T before = *at; *at = before & value; return before; }                   \
  static inline T atomicExch(T *at, T value) { T before = *at; *at = value; return before; }                           \
  static inline T atomicCAS(T *at, T expected, T value) {                                                              \
    T before = *at;                                                                                                    \
    if (before == expected) *at = value;                                                                               \
    return before;                                                                                                     \
  }
EMULATED_ATOMICS(int)
EMULATED_ATOMICS(unsigned int)
EMULATED_ATOMICS(unsigned long long)
#undef EMULATED_ATOMICS
static inline unsigned int atomicInc(unsigned int *at, unsigned int most) {
  unsigned int before = *at;
  *at = before >= most ? 0 : before + 1;
  return before;
}

// ── Memory with hints ──

template <class T> static inline T __ldg(const T *at) { return *at; }
template <class T> static inline T __ldcs(const T *at) { return *at; }
template <class T> static inline T __ldca(const T *at) { return *at; }
template <class T> static inline T __ldcg(const T *at) { return *at; }
template <class T> static inline T __ldcv(const T *at) { return *at; }
template <class T> static inline T __ldlu(const T *at) { return *at; }
template <class T, class U> static inline void __stcs(T *at, U value) { *at = value; }
template <class T, class U> static inline void __stcg(T *at, U value) { *at = value; }
template <class T, class U> static inline void __stwb(T *at, U value) { *at = value; }
template <class T, class U> static inline void __stwt(T *at, U value) { *at = value; }
static inline size_t __cvta_generic_to_shared(const void *at) { return (size_t)at; }

// ── Bits ──

template <class To, class From> static inline To emulatedBits(From from) {
  static_assert(sizeof(To) == sizeof(From), "");
  To to;
  __builtin_memcpy(&to, &from, sizeof to);
  return to;
}
static inline unsigned int __float_as_uint(float x) { return emulatedBits<unsigned int>(x); }
static inline int __float_as_int(float x) { return emulatedBits<int>(x); }
static inline float __uint_as_float(unsigned int x) { return emulatedBits<float>(x); }
static inline float __int_as_float(int x) { return emulatedBits<float>(x); }
static inline long long __double_as_longlong(double x) { return emulatedBits<long long>(x); }
static inline double __longlong_as_double(long long x) { return emulatedBits<double>(x); }
static inline int __popc(unsigned int x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }
static inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz((unsigned int)x); }
static inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll((unsigned long long)x); }
static inline unsigned int __brev(unsigned int x) {
  unsigned int y = 0;
  for (int bit = 0; bit < 32; bit++) y |= ((x >> bit) & 1u) << (31 - bit);
  return y;
}
static inline unsigned int __umulhi(unsigned int a, unsigned int b) {
  return (unsigned int)(((unsigned long long)a * b) >> 32);
}
static inline int __mulhi(int a, int b) { return (int)(((long long)a * b) >> 32); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)(((unsigned __int128)a * b) >> 64);
}
static inline int __mul24(int a, int b) { return ((a << 8) >> 8) * ((b << 8) >> 8); }
static inline unsigned int __funnelshift_r(unsigned int low, unsigned int high, unsigned int by) {
  return (unsigned int)((((unsigned long long)high << 32) | low) >> (by & 31u));
}
static inline unsigned int __funnelshift_l(unsigned int low, unsigned int high, unsigned int by) {
  return (unsigned int)(((((unsigned long long)high << 32) | low) << (by & 31u)) >> 32);
}
static inline unsigned int __byte_perm(unsigned int a, unsigned int b, unsigned int selector) {
  unsigned long long bytes = ((unsigned long long)b << 32) | a;
  unsigned int out = 0;
  for (int i = 0; i < 4; i++) {
    unsigned int pick = (selector >> (4 * i)) & 15u;
    unsigned int byte = (unsigned int)(bytes >> (8 * (pick & 7u))) & 255u;
    if (pick & 8u) byte = byte & 128u ? 255u : 0u;
    out |= byte << (8 * i);
  }
  return out;
}

// ── Mathematics ──

#define EMULATED_ONE(name)                                                                                             \
  extern "C" float name##f(float) noexcept;                                                                            \
  extern "C" double name(double) noexcept;                                                                             \
  static inline float name(float x) { return name##f(x); }
EMULATED_ONE(sqrt) EMULATED_ONE(exp) EMULATED_ONE(exp2) EMULATED_ONE(expm1) EMULATED_ONE(log) EMULATED_ONE(log2)
EMULATED_ONE(log10) EMULATED_ONE(log1p) EMULATED_ONE(sin) EMULATED_ONE(cos) EMULATED_ONE(tan) EMULATED_ONE(tanh)
EMULATED_ONE(erf) EMULATED_ONE(fabs) EMULATED_ONE(floor) EMULATED_ONE(ceil) EMULATED_ONE(rint) EMULATED_ONE(round)
EMULATED_ONE(trunc) EMULATED_ONE(nearbyint) EMULATED_ONE(cbrt)
#undef EMULATED_ONE
#define EMULATED_TWO(name)                                                                                             \
  extern "C" float name##f(float, float) noexcept;                                                                     \
  extern "C" double name(double, double) noexcept;                                                                     \
  static inline float name(float x, float y) { return name##f(x, y); }
EMULATED_TWO(pow) EMULATED_TWO(fmin) EMULATED_TWO(fmax) EMULATED_TWO(fmod) EMULATED_TWO(copysign) EMULATED_TWO(atan2)
#undef EMULATED_TWO
extern "C" float fmaf(float, float, float) noexcept;
extern "C" double fma(double, double, double) noexcept;
extern "C" float ldexpf(float, int) noexcept;
extern "C" double ldexp(double, int) noexcept;
extern "C" void sincosf(float, float *, float *) noexcept;
extern "C" void sincos(double, double *, double *) noexcept;
extern "C" int abs(int) noexcept;
extern "C" int printf(const char *, ...);
extern "C" void *memcpy(void *, const void *, size_t) noexcept;
extern "C" void *memset(void *, int, size_t) noexcept;

static inline float rsqrtf(float x) { return (float)(1.0 / __builtin_sqrt((double)x)); }
static inline double rsqrt(double x) { return 1.0 / __builtin_sqrt(x); }
static inline float __expf(float x) { return expf(x); }
static inline float __exp2f(float x) { return exp2f(x); }
static inline float __logf(float x) { return logf(x); }
static inline float __log2f(float x) { return log2f(x); }
static inline float __sinf(float x) { return sinf(x); }
static inline float __cosf(float x) { return cosf(x); }
static inline float __powf(float x, float y) { return powf(x, y); }
static inline float __fdividef(float x, float y) { return x / y; }
static inline float __frcp_rn(float x) { return 1.f / x; }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline float __frsqrt_rn(float x) { return rsqrtf(x); }
// These four are what stops a product and a sum from becoming one operation: hence volatile.
static inline float __fadd_rn(float x, float y) { volatile float sum = x + y; return sum; }
static inline float __fsub_rn(float x, float y) { volatile float difference = x - y; return difference; }
static inline float __fmul_rn(float x, float y) { volatile float product = x * y; return product; }
static inline float __fdiv_rn(float x, float y) { return x / y; }
static inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
static inline float __saturatef(float x) { return fminf(fmaxf(x, 0.f), 1.f); }
static inline int __float2int_rn(float x) { return (int)rintf(x); }
static inline int __float2int_rd(float x) { return (int)floorf(x); }
static inline int __float2int_ru(float x) { return (int)ceilf(x); }
static inline int __float2int_rz(float x) { return (int)x; }
static inline unsigned int __float2uint_rn(float x) { return (unsigned int)rintf(x); }
static inline unsigned int __float2uint_rz(float x) { return (unsigned int)x; }
static inline float __int2float_rn(int x) { return (float)x; }
static inline float __uint2float_rn(unsigned int x) { return (float)x; }
static inline float __double2float_rn(double x) { return (float)x; }
template <class A, class B> static inline auto min(A a, B b) -> decltype(false ? a : b) { return b < a ? b : a; }
template <class A, class B> static inline auto max(A a, B b) -> decltype(false ? a : b) { return a < b ? b : a; }
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline double min(double a, double b) { return fmin(a, b); }
static inline double max(double a, double b) { return fmax(a, b); }
static inline float abs(float x) { return fabsf(x); }
static inline double abs(double x) { return fabs(x); }
static inline long long abs(long long x) { return x < 0 ? -x : x; }
template <class T> static inline bool isnan(T x) { return __builtin_isnan(x); }
template <class T> static inline bool isinf(T x) { return __builtin_isinf(x); }
template <class T> static inline bool isfinite(T x) { return __builtin_isfinite(x); }
template <class T> static inline bool signbit(T x) { return __builtin_signbit(x); }

static inline long long clock64() { static long long ticks; return ticks += 16; }

#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")

// ── What the compiler calls where it checked an access (-fsanitize=alignment,bounds) ──

struct EmulatedLocation {
  const char *file;
  unsigned int line, column;
};
extern "C" {
__attribute__((used, visibility("hidden"))) inline void __ubsan_handle_type_mismatch_v1_abort(EmulatedLocation *at,
                                                                                              unsigned long address) {
  emulated.runtime->misaligned(at->file, at->line, address);
}
__attribute__((used, visibility("hidden"))) inline void __ubsan_handle_out_of_bounds_abort(EmulatedLocation *at,
                                                                                           unsigned long index) {
  emulated.runtime->outOfBounds(at->file, at->line, index);
}
}

// ── Kernels: each gets a table by which the driver calls it ──

template <unsigned int... I> struct EmulatedIndices {};
template <class... A, unsigned int... I>
static inline void emulatedCall(void (*kernel)(A...), void **parameters, EmulatedIndices<I...>) {
  kernel(*(A *)parameters[I]...);
}
template <class... A> static inline void emulatedCall(void (*kernel)(A...), void **parameters) {
  emulatedCall(kernel, parameters, EmulatedIndices<__integer_pack(sizeof...(A))...>());
}
template <class... A>
static constexpr EmulatedKernel emulatedKernel(void (*)(A...), void (*launch)(void **), unsigned int maxThreads) {
  return {launch, maxThreads, sizeof...(A), {sizeof(A)...}, {alignof(A)...}};
}
static constexpr unsigned int emulatedFirst(unsigned int first = 1024, unsigned int = 0, unsigned int = 0) {
  return first;
}
#define EMULATED_KERNEL(name, ...) EMULATED_KERNEL_(name, __VA_ARGS__)
#define EMULATED_KERNEL_(name, ...)                                                                                    \
  static void emulatedLaunch_##name(void **parameters) { emulatedCall(name, parameters); }                             \
  extern "C" {                                                                                                         \
  __attribute__((visibility("default"))) extern const EmulatedKernel emulatedKernel_##name =                           \
      emulatedKernel(name, emulatedLaunch_##name, emulatedFirst(__VA_ARGS__));                                         \
  }
