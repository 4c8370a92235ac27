// Devices, contexts and errors.
#include "driver.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>

Driver driver;

Context *&currentContext() {
  static thread_local Context *current = nullptr;
  return current;
}

Call::Call() {
  error = driver.initialized ? CUDA_SUCCESS : NOT_INITIALIZED;
  if (error != CUDA_SUCCESS) return;
  context = currentContext();
  if (context == nullptr) error = INVALID_CONTEXT;
  else if (context->references == 0) error = CONTEXT_IS_DESTROYED;
  else error = context->lost;
}

int lose(Context *context, int error) {
  context->lost = error;
  return error;
}

API int cuInit(unsigned int flags) {
  std::lock_guard<std::recursive_mutex> lock(driver.mutex);
  if (flags != 0) return INVALID_VALUE;
  if (!driver.initialized) {
    const char *text = getenv("WARPLINE_EMULATED_GPUS");
    driver.devices = text != nullptr ? atoi(text) : 1;
    if (driver.devices > MAX_DEVICES) driver.devices = MAX_DEVICES;
    if (driver.devices <= 0) return NO_DEVICE;
    for (int i = 0; i < driver.devices; i++) driver.contexts[i].device = i;
    for (int i = 0; i < driver.devices; i++) driver.defaultStreams[i].context = &driver.contexts[i];
    driver.initialized = true;
  }
  return CUDA_SUCCESS;
}

API int cuDriverGetVersion(int *version) {
  if (version == nullptr) return INVALID_VALUE;
  *version = 13000;
  return CUDA_SUCCESS;
}

static int deviceCall(int device, const void *out) {
  if (!driver.initialized) return NOT_INITIALIZED;
  if (device < 0 || device >= driver.devices) return INVALID_DEVICE;
  return out == nullptr ? INVALID_VALUE : CUDA_SUCCESS;
}

API int cuDeviceGetCount(int *count) {
  if (!driver.initialized) return NOT_INITIALIZED;
  if (count == nullptr) return INVALID_VALUE;
  *count = driver.devices;
  return CUDA_SUCCESS;
}

API int cuDeviceGet(int *device, int ordinal) {
  if (int error = deviceCall(ordinal, device)) return error;
  *device = ordinal;
  return CUDA_SUCCESS;
}

API int cuDeviceGetName(char *name, int length, int device) {
  if (int error = deviceCall(device, name)) return error;
  snprintf(name, (size_t)length, "Emulated GPU");
  return CUDA_SUCCESS;
}

API int cuDeviceGetUuid_v2(void *uuid, int device) {
  if (int error = deviceCall(device, uuid)) return error;
  memset(uuid, 0xe0, 16);
  ((unsigned char *)uuid)[15] = (unsigned char)device;
  return CUDA_SUCCESS;
}

API int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  if (int error = deviceCall(device, bytes)) return error;
  *bytes = totalBytes();
  return CUDA_SUCCESS;
}

API int cuDeviceGetPCIBusId(char *id, int length, int device) {
  if (int error = deviceCall(device, id)) return error;
  snprintf(id, (size_t)length, "0000:%02x:00.0", device + 1);
  return CUDA_SUCCESS;
}

API int cuDeviceGetAttribute(int *value, int attribute, int device) {
  if (int error = deviceCall(device, value)) return error;
  // CUdevice_attribute → value, like a small card of compute capability 9.0.
  static const struct {
    int attribute, value;
  } ATTRIBUTES[] = {
      {1, 1024},        // MAX_THREADS_PER_BLOCK
      {2, 1024},        // MAX_BLOCK_DIM_X
      {3, 1024},        // MAX_BLOCK_DIM_Y
      {4, 64},          // MAX_BLOCK_DIM_Z
      {5, 2147483647},  // MAX_GRID_DIM_X
      {6, 65535},       // MAX_GRID_DIM_Y
      {7, 65535},       // MAX_GRID_DIM_Z
      {8, 48 * 1024},   // MAX_SHARED_MEMORY_PER_BLOCK
      {9, 64 * 1024},   // TOTAL_CONSTANT_MEMORY
      {10, 32},         // WARP_SIZE
      {12, 65536},      // MAX_REGISTERS_PER_BLOCK
      {13, 1000000},    // CLOCK_RATE, kHz
      {16, 4},          // MULTIPROCESSOR_COUNT
      {18, 0},          // INTEGRATED
      {19, 1},          // CAN_MAP_HOST_MEMORY
      {20, 0},          // COMPUTE_MODE
      {31, 1},          // CONCURRENT_KERNELS
      {32, 0},          // ECC_ENABLED
      {36, 1000000},    // MEMORY_CLOCK_RATE, kHz
      {37, 512},        // GLOBAL_MEMORY_BUS_WIDTH
      {38, 4 << 20},    // L2_CACHE_SIZE
      {39, 2048},       // MAX_THREADS_PER_MULTIPROCESSOR
      {40, 1},          // ASYNC_ENGINE_COUNT
      {41, 1},          // UNIFIED_ADDRESSING
      {75, 9},          // COMPUTE_CAPABILITY_MAJOR
      {76, 0},          // COMPUTE_CAPABILITY_MINOR
      {81, 228 * 1024}, // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
      {82, 65536},      // MAX_REGISTERS_PER_MULTIPROCESSOR
      {83, 0},          // MANAGED_MEMORY
      {95, 0},          // COOPERATIVE_LAUNCH
      {97, 227 * 1024}, // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
      {106, 32},        // MAX_BLOCKS_PER_MULTIPROCESSOR
      {111, 1024},      // RESERVED_SHARED_MEMORY_PER_BLOCK
      {115, 0},         // MEMORY_POOLS_SUPPORTED
      {132, 0},         // MULTICAST_SUPPORTED
  };
  for (const auto &entry : ATTRIBUTES)
    if (entry.attribute == attribute) {
      *value = entry.value;
      return CUDA_SUCCESS;
    }
  // The bus numbers, 33, 34 and 50.
  *value = attribute == 33 ? device + 1 : 0;
  return attribute > 0 && attribute < 160 ? CUDA_SUCCESS : INVALID_VALUE;
}

API int cuDeviceCanAccessPeer(int *can, int device, int peer) {
  if (int error = deviceCall(device, can)) return error;
  if (peer < 0 || peer >= driver.devices) return INVALID_DEVICE;
  *can = device != peer;
  return CUDA_SUCCESS;
}

API int cuDevicePrimaryCtxRetain(void **context, int device) {
  std::lock_guard<std::recursive_mutex> lock(driver.mutex);
  if (int error = deviceCall(device, context)) return error;
  driver.contexts[device].references++;
  *context = &driver.contexts[device];
  return CUDA_SUCCESS;
}

static void destroy(Context *context) {
  context->lost = CUDA_SUCCESS;
  forgetContext(context);
  releaseAll(context->device);
}

API int cuDevicePrimaryCtxRelease_v2(int device) {
  std::lock_guard<std::recursive_mutex> lock(driver.mutex);
  if (int error = deviceCall(device, &device)) return error;
  Context &context = driver.contexts[device];
  if (context.references == 0) return INVALID_CONTEXT;
  if (--context.references == 0) destroy(&context);
  return CUDA_SUCCESS;
}

API int cuDevicePrimaryCtxReset_v2(int device) {
  std::lock_guard<std::recursive_mutex> lock(driver.mutex);
  if (int error = deviceCall(device, &device)) return error;
  destroy(&driver.contexts[device]);
  return CUDA_SUCCESS;
}

API int cuDevicePrimaryCtxGetState(int device, unsigned int *flags, int *active) {
  if (int error = deviceCall(device, active)) return error;
  if (flags != nullptr) *flags = 0;
  *active = driver.contexts[device].references > 0;
  return CUDA_SUCCESS;
}

API int cuDevicePrimaryCtxSetFlags_v2(int device, unsigned int) { return deviceCall(device, &device); }

static Context *findContext(void *handle) {
  for (int i = 0; i < driver.devices; i++)
    if (handle == &driver.contexts[i]) return &driver.contexts[i];
  return nullptr;
}

API int cuCtxSetCurrent(void *handle) {
  if (!driver.initialized) return NOT_INITIALIZED;
  Context *context = findContext(handle);
  if (handle != nullptr && (context == nullptr || context->references == 0)) return INVALID_CONTEXT;
  currentContext() = context;
  return CUDA_SUCCESS;
}

API int cuCtxGetCurrent(void **context) {
  if (!driver.initialized) return NOT_INITIALIZED;
  if (context == nullptr) return INVALID_VALUE;
  *context = currentContext();
  return CUDA_SUCCESS;
}

API int cuCtxGetDevice(int *device) {
  Call call;
  if (call.context == nullptr) return INVALID_CONTEXT;
  *device = call.context->device;
  return CUDA_SUCCESS;
}

API int cuCtxSynchronize() {
  Call call;
  if (call.error) return call.error;
  return drainAll(call.context);
}

API int cuCtxEnablePeerAccess(void *peer, unsigned int) {
  Call call;
  if (call.error) return call.error;
  Context *other = findContext(peer);
  if (other == nullptr || other->references == 0) return INVALID_CONTEXT;
  // All cards' memory is this process's: there is nothing to enable but what was enabled before.
  static bool enabled[MAX_DEVICES][MAX_DEVICES];
  bool &already = enabled[call.context->device][other->device];
  if (already) return PEER_ACCESS_ALREADY_ENABLED;
  already = true;
  return CUDA_SUCCESS;
}

static const struct {
  int error;
  const char *name, *text;
} ERRORS[] = {
    {CUDA_SUCCESS, "CUDA_SUCCESS", "no error"},
    {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {PEER_ACCESS_UNSUPPORTED, "CUDA_ERROR_PEER_ACCESS_UNSUPPORTED", "peer access is not supported"},
    {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
    {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {PEER_ACCESS_ALREADY_ENABLED, "CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED", "peer access is already enabled"},
    {CONTEXT_IS_DESTROYED, "CUDA_ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"},
    {MISALIGNED_ADDRESS, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {NOT_SUPPORTED, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {STREAM_CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED",
     "operation not permitted when stream is capturing"},
    {STREAM_CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
     "operation failed due to a previous error during capture"},
    {STREAM_CAPTURE_UNMATCHED, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED",
     "capture was not ended in the same stream as it began"},
    {STREAM_CAPTURE_UNJOINED, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"},
    {STREAM_CAPTURE_ISOLATION, "CUDA_ERROR_STREAM_CAPTURE_ISOLATION", "dependency created on uncaptured work in another stream"},
    {CAPTURED_EVENT, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"},
    {GRAPH_EXEC_UPDATE_FAILURE, "CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE",
     "the graph update was not performed because it included changes which violated constraints"},
};

API int cuGetErrorName(int error, const char **name) {
  for (const auto &entry : ERRORS)
    if (entry.error == error) {
      *name = entry.name;
      return CUDA_SUCCESS;
    }
  *name = nullptr;
  return INVALID_VALUE;
}

API int cuGetErrorString(int error, const char **text) {
  std::lock_guard<std::recursive_mutex> lock(driver.mutex);
  for (const auto &entry : ERRORS)
    if (entry.error == error) {
      bool fault = error == ILLEGAL_ADDRESS || error == MISALIGNED_ADDRESS || error == LAUNCH_FAILED;
      *text = fault && !driver.report.empty() ? driver.report.c_str() : entry.text;
      return CUDA_SUCCESS;
    }
  *text = nullptr;
  return INVALID_VALUE;
}
