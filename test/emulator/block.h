#pragma once
// What an emulated kernel and the emulated driver share: the running block as the kernel sees it, and the functions
// that the driver lends it. The kernel's library exports one `EmulatedBlock emulated` and a table per kernel.

struct EmulatedIndex {
  unsigned int x, y, z;
};

// Applied once to all lanes that met: `operands[lane]` is what lane gave, null where it is not among them.
typedef void (*EmulatedWarpOperation)(void **operands, unsigned int lanes);

struct EmulatedRuntime {
  void (*barrier)();
  // Waits for the lanes of `mask` that have not exited; the last one applies the operation.
  void (*warp)(unsigned int mask, EmulatedWarpOperation operation, void *operand);
  unsigned int (*lane)();
  void (*yield)();
  // Does the copy no earlier than it may be relied on.
  void (*copyAsync16)(void *to, const void *from, bool valid);
  void (*copyAsyncCommit)();
  void (*copyAsyncWait)(int underWay);
  void (*dependencyWait)();
  // Operands: EmulatedMma.
  EmulatedWarpOperation mmaBf16, mmaF16;
  // Ends the launch as a misaligned access or one out of bounds would.
  void (*misaligned)(const char *file, unsigned int line, unsigned long address);
  void (*outOfBounds)(const char *file, unsigned int line, unsigned long index);
  void (*trap)(const char *reason);
};

struct EmulatedMma {
  float *d;
  const unsigned int *a, *b;
};

struct EmulatedBlock {
  EmulatedIndex thread, block, blockSize, gridSize;
  // Dynamic shared memory; it ends where a guard page begins, up to 127 bytes.
  unsigned char *shared;
  const EmulatedRuntime *runtime;
  // Static shared memory of all kernels of the module.
  char *staticShared, *staticSharedEnd;
};

struct EmulatedKernel {
  void (*launch)(void **parameters);
  unsigned int maxThreads;
  unsigned int count;
  unsigned int sizes[64], alignments[64];
};
