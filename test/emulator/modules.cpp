// Modules and launches. A module's image is a shared library that g++ made.
#include "driver.h"
#include "image.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

// Shared memory of a block, bytes: without asking, and at most. The static part is known for a module only, not for each
// of its kernels, and is left out.
const int DEFAULT_SHARED = 48 * 1024, MOST_SHARED = 227 * 1024;

static int loadModule(void **module, const void *image) {
  Call call;
  if (call.error) return call.error;
  if (module == nullptr || image == nullptr) return INVALID_VALUE;
  ImageHeader header;
  memcpy(&header, image, sizeof header);
  if (memcmp(header.magic, IMAGE_MAGIC, sizeof header.magic) != 0) return INVALID_IMAGE;
  int file = memfd_create("emulated module", MFD_CLOEXEC);
  if (file < 0) return OUT_OF_MEMORY;
  const char *bytes = (const char *)image + sizeof header;
  for (size_t at = 0; at < header.bytes;) {
    ssize_t wrote = write(file, bytes + at, header.bytes - at);
    if (wrote <= 0) {
      close(file);
      return OUT_OF_MEMORY;
    }
    at += (size_t)wrote;
  }
  std::string path = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file);
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    fprintf(stderr, "emulated GPU: %s\n", dlerror());
    close(file);
    return INVALID_IMAGE;
  }
  auto made = std::make_unique<Module>();
  made->context = call.context;
  made->library = library;
  made->file = file;
  made->path = path;
  made->block = (EmulatedBlock *)dlsym(library, "emulated");
  if (made->block == nullptr) return INVALID_IMAGE;
  *module = driver.modules.add(std::move(made));
  return CUDA_SUCCESS;
}

API int cuModuleLoadData(void **module, const void *image) { return loadModule(module, image); }
API int cuModuleLoadDataEx(void **module, const void *image, unsigned int, int *, void **) {
  return loadModule(module, image);
}

static void unload(Module &module) {
  for (const auto &[name, function] : module.functions) driver.functions.erase(function.get());
  dlclose(module.library);
  close(module.file);
}

API int cuModuleUnload(void *handle) {
  Call call;
  if (call.error) return call.error;
  Module *module = driver.modules.find(handle);
  if (module == nullptr) return INVALID_HANDLE;
  if (int error = drainAll(call.context)) return error;
  unload(*module);
  driver.modules.remove(handle);
  return CUDA_SUCCESS;
}

void unloadModules(Context *context) {
  driver.modules.removeIf([=](Module &module) {
    if (module.context != context) return false;
    unload(module);
    return true;
  });
}

API int cuModuleGetFunction(void **function, void *handle, const char *name) {
  Call call;
  if (call.error) return call.error;
  Module *module = driver.modules.find(handle);
  if (module == nullptr) return INVALID_HANDLE;
  if (function == nullptr || name == nullptr) return INVALID_VALUE;
  std::unique_ptr<Function> &made = module->functions[name];
  if (made == nullptr) {
    auto kernel = (const EmulatedKernel *)dlsym(module->library, (std::string("emulatedKernel_") + name).c_str());
    if (kernel == nullptr) {
      module->functions.erase(name);
      return NOT_FOUND;
    }
    made = std::make_unique<Function>(Function{module, name, kernel, DEFAULT_SHARED});
    driver.functions[made.get()] = made.get();
  }
  *function = made.get();
  return CUDA_SUCCESS;
}

static Function *findFunction(void *handle) {
  auto at = driver.functions.find(handle);
  return at == driver.functions.end() ? nullptr : at->second;
}

// CUfunction_attribute
enum { MAX_THREADS_PER_BLOCK = 0, SHARED_SIZE_BYTES, CONST_SIZE_BYTES, LOCAL_SIZE_BYTES, NUM_REGS, PTX_VERSION,
       BINARY_VERSION, CACHE_MODE_CA, MAX_DYNAMIC_SHARED_SIZE_BYTES, PREFERRED_SHARED_MEMORY_CARVEOUT };

API int cuFuncSetAttribute(void *handle, int attribute, int value) {
  Call call;
  if (call.error) return call.error;
  Function *function = findFunction(handle);
  if (function == nullptr) return INVALID_HANDLE;
  if (attribute == PREFERRED_SHARED_MEMORY_CARVEOUT) return CUDA_SUCCESS;
  if (attribute != MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0) return INVALID_VALUE;
  if (value > MOST_SHARED) return INVALID_VALUE;
  function->dynamicLimit = (size_t)value;
  return CUDA_SUCCESS;
}

API int cuFuncGetAttribute(int *value, int attribute, void *handle) {
  Call call;
  if (call.error) return call.error;
  Function *function = findFunction(handle);
  if (function == nullptr) return INVALID_HANDLE;
  if (value == nullptr) return INVALID_VALUE;
  switch (attribute) {
  case MAX_THREADS_PER_BLOCK: *value = (int)function->kernel->maxThreads; break;
  case SHARED_SIZE_BYTES: *value = (int)staticSharedBytes(*function->module->block); break;
  case NUM_REGS: *value = 32; break;
  case PTX_VERSION:
  case BINARY_VERSION: *value = 90; break;
  case MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = (int)function->dynamicLimit; break;
  default: *value = 0;
  }
  return CUDA_SUCCESS;
}

API int cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void *handle, int threads, size_t sharedBytes) {
  Call call;
  if (call.error) return call.error;
  Function *function = findFunction(handle);
  if (function == nullptr) return INVALID_HANDLE;
  if (blocks == nullptr || threads <= 0) return INVALID_VALUE;
  size_t shared = sharedBytes + staticSharedBytes(*function->module->block) + 1024;
  int byThreads = 2048 / ((threads + 31) / 32 * 32), byShared = (int)(228 * 1024 / shared);
  *blocks = (unsigned int)threads > function->kernel->maxThreads ? 0 : std::min({byThreads, byShared, 32});
  return CUDA_SUCCESS;
}

// A launch's arguments, copied: the caller's may be gone when the work runs.
static std::shared_ptr<std::vector<char>> copyParameters(const EmulatedKernel &kernel, void **parameters,
                                                         const char *packed) {
  size_t offset = 0;
  auto copy = std::make_shared<std::vector<char>>(kernel.count * 64);
  for (unsigned int i = 0; i < kernel.count; i++) {
    if (kernel.sizes[i] > 64) return nullptr;
    offset = (offset + kernel.alignments[i] - 1) / kernel.alignments[i] * kernel.alignments[i];
    memcpy(copy->data() + 64 * i, packed != nullptr ? packed + offset : parameters[i], kernel.sizes[i]);
    offset += kernel.sizes[i];
  }
  return copy;
}

static int launch(void *handle, EmulatedIndex grid, EmulatedIndex block, size_t sharedBytes, void *streamHandle,
                  void **parameters, void **extra, bool overlap) {
  Call call;
  if (call.error) return call.error;
  Function *function = findFunction(handle);
  Stream *stream = findStream(call, streamHandle);
  if (function == nullptr || stream == nullptr || function->module->context != call.context) return INVALID_HANDLE;
  const EmulatedKernel &kernel = *function->kernel;
  unsigned long long threads = (unsigned long long)block.x * block.y * block.z;
  if (threads == 0 || threads > 1024 || block.z > 64 || threads > kernel.maxThreads) return INVALID_VALUE;
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535)
    return INVALID_VALUE;
  if (sharedBytes > function->dynamicLimit) return INVALID_VALUE;
  const char *packed = nullptr;
  // CU_LAUNCH_PARAM_BUFFER_POINTER is 1; CU_LAUNCH_PARAM_END is 0.
  for (int i = 0; extra != nullptr && extra[i] != nullptr; i += 2)
    if (extra[i] == (void *)1) packed = (const char *)extra[i + 1];
  if (kernel.count > 0 && packed == nullptr && parameters == nullptr) return INVALID_VALUE;
  auto copy = copyParameters(kernel, parameters, packed);
  if (copy == nullptr) return INVALID_VALUE;

  Context *context = call.context;
  return enqueue(stream, {"kernel", [=] {
                            std::vector<void *> pointers(kernel.count);
                            for (unsigned int i = 0; i < kernel.count; i++) pointers[i] = copy->data() + 64 * i;
                            GridKernel what = {function->name.c_str(), function->kernel, function->module->block,
                                               function->module->path};
                            std::string report;
                            Outcome outcome =
                                runGrid(what, grid, block, sharedBytes, pointers.data(), overlap, report);
                            if (outcome == Outcome::done) return (int)CUDA_SUCCESS;
                            driver.report = report;
                            if (getenv("WARPLINE_EMULATOR_QUIET") == nullptr)
                              fprintf(stderr, "emulated GPU: %s\n", report.c_str());
                            return lose(context, outcome == Outcome::illegalAddress ? ILLEGAL_ADDRESS
                                                 : outcome == Outcome::misaligned   ? MISALIGNED_ADDRESS
                                                                                    : LAUNCH_FAILED);
                          }});
}

API int cuLaunchKernel(void *function, unsigned int gridX, unsigned int gridY, unsigned int gridZ, unsigned int blockX,
                       unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes, void *stream,
                       void **parameters, void **extra) {
  return launch(function, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, sharedBytes, stream, parameters, extra,
                false);
}

struct LaunchAttribute {
  int id;
  char padding[4];
  union {
    int flag;
    char room[64];
  } value;
};
struct LaunchConfig {
  unsigned int gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes;
  void *stream;
  const LaunchAttribute *attributes;
  unsigned int attributeCount;
};

API int cuLaunchKernelEx(const LaunchConfig *config, void *function, void **parameters, void **extra) {
  if (config == nullptr || (config->attributeCount > 0 && config->attributes == nullptr)) return INVALID_VALUE;
  bool overlap = false;
  for (unsigned int i = 0; i < config->attributeCount; i++) {
    // CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION
    if (config->attributes[i].id == 6) overlap = config->attributes[i].value.flag != 0;
    else if (config->attributes[i].id != 0) return NOT_SUPPORTED;
  }
  return launch(function, {config->gridX, config->gridY, config->gridZ},
                {config->blockX, config->blockY, config->blockZ}, config->sharedBytes, config->stream, parameters,
                extra, overlap);
}
