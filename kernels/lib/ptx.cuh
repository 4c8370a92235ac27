#pragma once
// Every instruction that CUDA C++ has no word for, one function each, and nothing else: no other file holds assembly.
// A machine without a GPU runs the kernels with its own version of this file.

// ── Programmatic dependent launch (sm_90; elsewhere a launch already waits for the one before) ──

// All that the launches before have written may be read from here on. Every thread of every kernel comes by here.
__device__ __forceinline__ void gridDependencyWait() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}
// The next launch may start; what it reads is still not before this grid's end.
__device__ __forceinline__ void gridDependencyLaunch() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;");
#endif
}

// ── Memory ──

// 16 bytes that are read once: past L1, and first to leave L2.
__device__ __forceinline__ uint4 loadStreaming(const uint4 *from) {
  uint4 v;
  asm volatile("ld.global.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(from));
  return v;
}
// 16 bytes in one access; of an assignment the compiler at times makes four.
__device__ __forceinline__ void storeWide(uint4 *to, uint4 v) {
  asm volatile("st.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(to), "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w) : "memory");
}
// Global → shared, 16 bytes, without registers; zeros where not `valid`. Done after copyAsyncWait and a barrier.
__device__ __forceinline__ void copyAsync16(void *shared, const void *global, bool valid = true) {
  unsigned int to = (unsigned int)__cvta_generic_to_shared(shared);
  int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(global), "r"(bytes) : "memory");
}
__device__ __forceinline__ void copyAsyncCommit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// At most N committed groups of this thread are still under way.
template <int N> __device__ __forceinline__ void copyAsyncWait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}
// Release and acquire at the scope of the card, for what blocks tell each other.
__device__ __forceinline__ unsigned int addRelease(unsigned int *at, unsigned int value) {
  unsigned int before;
  asm volatile("atom.add.acq_rel.gpu.u32 %0, [%1], %2;" : "=r"(before) : "l"(at), "r"(value) : "memory");
  return before;
}

// ── Tensor cores: D += A · B, A 16×16 row-major, B 16×8 column-major, D 16×8 in f32 ──
// Fragments as PTX's mma.m16n8k16 has them: lane = 4·g + t holds of A rows g, g+8 (a[0], a[1]) at columns 2t, 2t+1, and
// the same at columns + 8 (a[2], a[3]); of B rows 2t, 2t+1 (b[0]) and + 8 (b[1]) of column g; of D row g (d[0], d[1])
// and g+8 (d[2], d[3]) at columns 2t, 2t+1.
__device__ __forceinline__ void mmaBf16(float (&d)[4], const unsigned int (&a)[4], const unsigned int (&b)[2]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
__device__ __forceinline__ void mmaF16(float (&d)[4], const unsigned int (&a)[4], const unsigned int (&b)[2]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
// Four 8×8 matrices of 16-bit values from shared memory; lane 8·i + r points to row r of matrix i.
__device__ __forceinline__ void loadMatrix4(unsigned int (&to)[4], const void *shared) {
  unsigned int from = (unsigned int)__cvta_generic_to_shared(shared);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(from)
               : "memory");
}
// …each transposed.
__device__ __forceinline__ void loadMatrix4Transposed(unsigned int (&to)[4], const void *shared) {
  unsigned int from = (unsigned int)__cvta_generic_to_shared(shared);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(from)
               : "memory");
}

// ── Tensor cores of sm_90a: D (+)= A · B by four warps, 64×16 · 16×64, B in shared memory ──
// Warp w of the four holds rows 16·w … of A and D: A's fragment is that of mma.m16n8k16, D's eight of them side by side,
// d[4·i …] being columns 8·i …. They run on their own: between warpgroupArrive() and warpgroupWait() nobody may touch
// their registers, so whoever reads D afterwards passes it through settle() first, or the compiler reads it early.

// 64 columns of shared memory, 128 bytes a row, 8 rows to 1024 bytes, which divide the first one's address; piece p of 16
// bytes of row r lies at p ^ (r % 8). `bits` is a matrix descriptor: start, step between eights of rows, swizzle of 128.
struct SharedMatrix {
  unsigned long long bits;
};
__device__ __forceinline__ SharedMatrix sharedMatrix(const void *at) {
  unsigned long long from = (unsigned long long)__cvta_generic_to_shared(at);
  return {(from & 0x3ffffull) >> 4 | 1ull << 16 | 64ull << 32 | 1ull << 62};
}
// So many bytes on: 2048 are 16 rows, 32 are 16 columns.
__device__ __forceinline__ SharedMatrix advanced(SharedMatrix matrix, int bytes) {
  return {matrix.bits + (unsigned long long)(bytes >> 4)};
}

// What was written to shared memory by other means (cp.async too) may be multiplied after this and a barrier.
__device__ __forceinline__ void sharedForTensorCores() {
#if __CUDA_ARCH__ >= 900
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#endif
}
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define WARPGROUP_PTX(text) asm volatile(text ::: "memory")
#else
#define WARPGROUP_PTX(text)
#endif
// Before the first of some products: registers are as they shall be.
__device__ __forceinline__ void warpgroupArrive() { WARPGROUP_PTX("wgmma.fence.sync.aligned;"); }
__device__ __forceinline__ void warpgroupCommit() { WARPGROUP_PTX("wgmma.commit_group.sync.aligned;"); }
// At most N committed groups of products are still under way.
template <int N> __device__ __forceinline__ void warpgroupWait() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(N) : "memory");
#endif
}
#define FLOATS_8(d, i)                                                                                                  \
  "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), "+f"(d[i + 6]), "+f"(d[i + 7])
#define FLOATS_32(d) FLOATS_8(d, 0), FLOATS_8(d, 8), FLOATS_8(d, 16), FLOATS_8(d, 24)
__device__ __forceinline__ void settle(float (&d)[32]) { asm volatile("" : FLOATS_32(d)::"memory"); }

#define COLUMNS_64                                                                                                      \
  "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "                                             \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, "
#define WARPGROUP_MMA(type, transposed)                                                                                 \
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %37, 0;\n"                                                             \
               "wgmma.mma_async.sync.aligned.m64n64k16.f32." type "." type " " COLUMNS_64                               \
               "{%32, %33, %34, %35}, %36, p, 1, 1, " transposed ";\n}"                                                 \
               : FLOATS_32(d)                                                                                           \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b.bits), "r"((int)add))
#define WARPGROUP_MMA_SHARED(type)                                                                                      \
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %34, 0;\n"                                                             \
               "wgmma.mma_async.sync.aligned.m64n64k16.f32." type "." type " " COLUMNS_64                               \
               "%32, %33, p, 1, 1, 0, 0;\n}"                                                                            \
               : FLOATS_32(d)                                                                                           \
               : "l"(a.bits), "l"(b.bits), "r"((int)add))
// D = A · B, plus D if `add`. Columns of B are rows of `b`, or with Transposed are its columns.
template <bool Transposed>
__device__ __forceinline__ void warpgroupMmaBf16(float (&d)[32], const unsigned int (&a)[4], SharedMatrix b, bool add) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  if constexpr (Transposed) WARPGROUP_MMA("bf16", "1");
  else WARPGROUP_MMA("bf16", "0");
#endif
}
template <bool Transposed>
__device__ __forceinline__ void warpgroupMmaF16(float (&d)[32], const unsigned int (&a)[4], SharedMatrix b, bool add) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  if constexpr (Transposed) WARPGROUP_MMA("f16", "1");
  else WARPGROUP_MMA("f16", "0");
#endif
}
// …where A's 64 rows are in shared memory too; columns of B are rows of `b`.
__device__ __forceinline__ void warpgroupMmaBf16(float (&d)[32], SharedMatrix a, SharedMatrix b, bool add) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  WARPGROUP_MMA_SHARED("bf16");
#endif
}
__device__ __forceinline__ void warpgroupMmaF16(float (&d)[32], SharedMatrix a, SharedMatrix b, bool add) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  WARPGROUP_MMA_SHARED("f16");
#endif
}

// ── Arithmetic ──

// 2^x to two units in the last place, as the card has it: one instruction, where exp2f needs four to spare tiny results.
__device__ __forceinline__ float exp2Approximate(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// Sums of the two numbers of a word each.
__device__ __forceinline__ unsigned int addF16x2(unsigned int a, unsigned int b) {
  unsigned int word;
  asm("add.rn.f16x2 %0, %1, %2;" : "=r"(word) : "r"(a), "r"(b));
  return word;
}

// ── Conversions ──

__device__ __forceinline__ unsigned short floatToBf16(float x) {
  unsigned short bits;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
}
__device__ __forceinline__ unsigned int packBf16x2(float low, float high) {
  unsigned int word;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
  return word;
}
__device__ __forceinline__ float f16ToFloat(unsigned short bits) {
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
  return x;
}
__device__ __forceinline__ unsigned short floatToF16(float x) {
  unsigned short bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
}
__device__ __forceinline__ unsigned int packF16x2(float low, float high) {
  unsigned int word;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
  return word;
}
// Two E4M3 numbers (lower byte first) as two f16: exact.
__device__ __forceinline__ unsigned int fp8x2ToF16x2(unsigned short bits) {
#if __CUDA_ARCH__ >= 890
  unsigned int word;
  asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(word) : "h"(bits));
  return word;
#else
  // A fp8's exponent and mantissa, seven places up, are those of an f16 that is 256 times too small.
  unsigned int spread = ((unsigned int)bits & 0x00ffu) | (((unsigned int)bits & 0xff00u) << 8);
  unsigned int small = ((spread & 0x00800080u) << 8) | ((spread & 0x007f007fu) << 7);
  unsigned int nan0 = (spread & 0x7fu) == 0x7fu ? 0x7fffu : 0u;
  unsigned int nan1 = (spread & 0x7f0000u) == 0x7f0000u ? 0x7fff0000u : 0u;
  unsigned int word;
  asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(word) : "r"(small), "r"(0x5c005c00u));
  return word | nan0 | nan1;
#endif
}
__device__ __forceinline__ float fp8ToFloat(unsigned char bits) { return f16ToFloat((unsigned short)fp8x2ToF16x2(bits)); }
// To nearest, ties to even, saturating at ±448.
__device__ __forceinline__ unsigned char floatToFp8(float x) {
#if __CUDA_ARCH__ >= 890
  unsigned short bits;
  asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(bits) : "f"(0.f), "f"(x));
  return (unsigned char)bits;
#else
  unsigned int sign = (__float_as_uint(x) >> 24) & 0x80u;
  float magnitude = fabsf(x);
  if (!(magnitude == magnitude)) return (unsigned char)(sign | 0x7fu);
  if (magnitude >= 448.f) return (unsigned char)(sign | 0x7eu);
  // Below 2^-6 numbers are multiples of 2^-9; above, of an eighth of their power of two.
  int exponent = magnitude < 0.015625f ? -6 : (int)((__float_as_uint(magnitude) >> 23) & 0xffu) - 127;
  float unit = __uint_as_float((unsigned int)(exponent - 3 + 127) << 23);
  unsigned int steps = (unsigned int)rintf(magnitude / unit);
  if (steps == 16u) {
    steps = 8u;
    exponent++;
  }
  return (unsigned char)(sign | (steps < 8u ? steps : (((unsigned int)(exponent + 7) << 3) | (steps & 7u))));
#endif
}

// ── Bits ──

// Four bytes of the eight that `low` (0–3) and `high` (4–7) hold, chosen by the digits of `selector`, lowest first.
__device__ __forceinline__ unsigned int bytePermute(unsigned int low, unsigned int high, unsigned int selector) {
  unsigned int word;
  asm("prmt.b32 %0, %1, %2, %3;" : "=r"(word) : "r"(low), "r"(high), "r"(selector));
  return word;
}
