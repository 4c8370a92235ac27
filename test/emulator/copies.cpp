// Memory: allocation, copies, fills.
#include "driver.h"
#include <cstring>

API int cuMemGetInfo_v2(size_t *free, size_t *total) {
  Call call;
  if (call.error) return call.error;
  *total = totalBytes();
  *free = totalBytes() - usedBytes(call.context->device);
  return CUDA_SUCCESS;
}

// For the libraries beside the driver, which may have no context.
API size_t emulatedUsedBytes(int device) {
  std::lock_guard<std::recursive_mutex> lock(driver.mutex);
  return usedBytes(device);
}
API bool emulatedReachable(uint64_t address, size_t bytes) {
  std::lock_guard<std::recursive_mutex> lock(driver.mutex);
  return holderOf(address, bytes) != nullptr;
}

API int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
  Call call;
  if (call.error) return call.error;
  if (address == nullptr || bytes == 0) return INVALID_VALUE;
  void *at = allocate(call.context->device, bytes);
  if (at == nullptr) return OUT_OF_MEMORY;
  *address = (uint64_t)at;
  return CUDA_SUCCESS;
}

API int cuMemFree_v2(uint64_t address) {
  Call call;
  if (call.error) return call.error;
  if (address == 0) return CUDA_SUCCESS;
  if (int error = drainAll(call.context)) return error;
  return release((void *)address, false) ? CUDA_SUCCESS : INVALID_VALUE;
}

API int cuMemHostAlloc(void **address, size_t bytes, unsigned int) {
  Call call;
  if (call.error) return call.error;
  if (address == nullptr || bytes == 0) return INVALID_VALUE;
  *address = allocatePinned(bytes);
  return *address == nullptr ? OUT_OF_MEMORY : CUDA_SUCCESS;
}

API int cuMemFreeHost(void *address) {
  Call call;
  if (call.error) return call.error;
  if (int error = drainAll(call.context)) return error;
  return release(address, true) ? CUDA_SUCCESS : INVALID_VALUE;
}

API int cuMemHostGetDevicePointer_v2(uint64_t *devicePointer, void *host, unsigned int) {
  Call call;
  if (call.error) return call.error;
  const Allocation *holder = holderOf((uintptr_t)host, 1);
  if (devicePointer == nullptr || holder == nullptr || holder->device >= 0) return INVALID_VALUE;
  *devicePointer = (uint64_t)host;
  return CUDA_SUCCESS;
}

// A range that the card may reach: its own, another card's, or pinned.
static bool reachable(uint64_t address, size_t bytes) { return emulatedReachable(address, bytes); }
static bool pinned(const void *address, size_t bytes) {
  const Allocation *holder = holderOf((uintptr_t)address, bytes);
  return holder != nullptr && holder->device < 0;
}

static Work copying(const char *what, void *to, const void *from, size_t bytes) {
  return {what, [=] {
            memmove(to, from, bytes);
            return CUDA_SUCCESS;
          }};
}

static int enqueueCopy(void *streamHandle, const char *what, uint64_t to, uint64_t from, size_t bytes, bool toDevice,
                       bool fromDevice) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = findStream(call, streamHandle);
  if (stream == nullptr) return INVALID_HANDLE;
  if (bytes == 0) return CUDA_SUCCESS;
  if ((toDevice && !reachable(to, bytes)) || (fromDevice && !reachable(from, bytes)) || to == 0 || from == 0)
    return INVALID_VALUE;
  if (stream->capture == nullptr) {
    // What the host may move or change again once the call is back is taken at once.
    if (!fromDevice && !pinned((void *)from, bytes)) {
      auto staged = std::make_shared<std::vector<char>>((char *)from, (char *)from + bytes);
      return enqueue(stream, {what, [=] {
                                memcpy((void *)to, staged->data(), bytes);
                                return CUDA_SUCCESS;
                              }});
    }
    if (!toDevice && !pinned((void *)to, bytes)) {
      if (int error = enqueue(stream, copying(what, (void *)to, (void *)from, bytes))) return error;
      return drain(stream);
    }
  }
  return enqueue(stream, copying(what, (void *)to, (const void *)from, bytes));
}

API int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *stream) {
  return enqueueCopy(stream, "copy to device", to, (uint64_t)from, bytes, true, false);
}
API int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *stream) {
  return enqueueCopy(stream, "copy to host", (uint64_t)to, from, bytes, false, true);
}
API int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void *stream) {
  return enqueueCopy(stream, "copy", to, from, bytes, true, true);
}
API int cuMemcpyAsync(uint64_t to, uint64_t from, size_t bytes, void *stream) {
  return enqueueCopy(stream, "copy", to, from, bytes, reachable(to, bytes), reachable(from, bytes));
}
API int cuMemcpyPeerAsync(uint64_t to, void *, uint64_t from, void *, size_t bytes, void *stream) {
  return enqueueCopy(stream, "copy", to, from, bytes, true, true);
}

// The functions without a stream are in the default stream, which waits for all and is waited for.
static int copyNow(uint64_t to, uint64_t from, size_t bytes, bool toDevice, bool fromDevice) {
  Call call;
  if (call.error) return call.error;
  if (int error = drainAll(call.context)) return error;
  if (bytes == 0) return CUDA_SUCCESS;
  if ((toDevice && !reachable(to, bytes)) || (fromDevice && !reachable(from, bytes)) || to == 0 || from == 0)
    return INVALID_VALUE;
  memmove((void *)to, (const void *)from, bytes);
  return CUDA_SUCCESS;
}
API int cuMemcpyHtoD_v2(uint64_t to, const void *from, size_t bytes) {
  return copyNow(to, (uint64_t)from, bytes, true, false);
}
API int cuMemcpyDtoH_v2(void *to, uint64_t from, size_t bytes) {
  return copyNow((uint64_t)to, from, bytes, false, true);
}
API int cuMemcpyDtoD_v2(uint64_t to, uint64_t from, size_t bytes) { return copyNow(to, from, bytes, true, true); }

API int cuMemsetD8Async(uint64_t at, unsigned char value, size_t count, void *streamHandle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = findStream(call, streamHandle);
  if (stream == nullptr) return INVALID_HANDLE;
  if (!reachable(at, count)) return INVALID_VALUE;
  return enqueue(stream, {"fill", [=] {
                            memset((void *)at, value, count);
                            return CUDA_SUCCESS;
                          }});
}
API int cuMemsetD32Async(uint64_t at, unsigned int value, size_t count, void *streamHandle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = findStream(call, streamHandle);
  if (stream == nullptr) return INVALID_HANDLE;
  if (at % 4 != 0 || !reachable(at, count * 4)) return INVALID_VALUE;
  return enqueue(stream, {"fill", [=] {
                            for (size_t i = 0; i < count; i++) ((unsigned int *)at)[i] = value;
                            return CUDA_SUCCESS;
                          }});
}
API int cuMemsetD8_v2(uint64_t at, unsigned char value, size_t count) {
  if (int error = cuMemsetD8Async(at, value, count, nullptr)) return error;
  Call call;
  return call.error ? call.error : drainAll(call.context);
}
API int cuMemsetD32_v2(uint64_t at, unsigned int value, size_t count) {
  if (int error = cuMemsetD32Async(at, value, count, nullptr)) return error;
  Call call;
  return call.error ? call.error : drainAll(call.context);
}
