#pragma once
#include <cstdint>

// What stands before a module's shared library: cuModuleLoadData is not told how long its image is.
struct ImageHeader {
  char magic[8];
  uint64_t bytes;
};
static const char IMAGE_MAGIC[8] = {'W', 'A', 'R', 'P', 'E', 'M', 'U', '1'};
