#pragma once
#include "block.h"
#include <cstddef>
#include <string>

// A loaded module's part in a launch.
struct GridKernel {
  const char *name;
  const EmulatedKernel *kernel;
  EmulatedBlock *module;
  // The module's image, to find a source line in.
  std::string file;
};

enum class Outcome { done, illegalAddress, misaligned, failed };

// Runs all blocks of a grid, one after another; the threads of a block take turns. Not to be called by two threads at
// once. Where the outcome is not `done`, `report` says what happened, in which kernel, block and thread.
Outcome runGrid(const GridKernel &kernel, EmulatedIndex grid, EmulatedIndex block, size_t sharedBytes, void **parameters,
                bool overlap, std::string &report);

// Bytes of static shared memory of a module.
size_t staticSharedBytes(const EmulatedBlock &module);
