// libnvidia-ml.so.1: the emulated cards' names and memory, and a power that they are said to draw all the time; everything
// else is not supported, as on many a card.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>

#define API extern "C" __attribute__((visibility("default")))

// The emulated driver's.
extern "C" int cuInit(unsigned int);
extern "C" int cuDeviceGetCount(int *);
extern "C" int cuDeviceTotalMem_v2(size_t *, int);
extern "C" size_t emulatedUsedBytes(int device);

// nvmlReturn_t
enum { SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6 };

static int users = 0;

static int count() {
  int devices = 0;
  return cuInit(0) == 0 && cuDeviceGetCount(&devices) == 0 ? devices : 0;
}
// A handle is a card's number plus one.
static int check(uint64_t device, const void *out) {
  if (users == 0) return UNINITIALIZED;
  return device < 1 || device > (uint64_t)count() || out == nullptr ? INVALID_ARGUMENT : SUCCESS;
}

API int nvmlInit_v2() {
  users++;
  return SUCCESS;
}
API int nvmlShutdown() {
  if (users == 0) return UNINITIALIZED;
  users--;
  return SUCCESS;
}
API const char *nvmlErrorString(int error) {
  switch (error) {
  case SUCCESS: return "Success";
  case UNINITIALIZED: return "Uninitialized";
  case INVALID_ARGUMENT: return "Invalid Argument";
  case NOT_FOUND: return "Not Found";
  case NOT_SUPPORTED: return "Not Supported";
  default: return "Unknown Error";
  }
}
API int nvmlDeviceGetCount_v2(unsigned int *devices) {
  if (users == 0) return UNINITIALIZED;
  if (devices == nullptr) return INVALID_ARGUMENT;
  *devices = (unsigned int)count();
  return SUCCESS;
}
API int nvmlDeviceGetHandleByIndex_v2(unsigned int index, uint64_t *device) {
  if (int error = check((uint64_t)index + 1, device)) return error;
  *device = (uint64_t)index + 1;
  return SUCCESS;
}
API int nvmlDeviceGetName(uint64_t device, char *name, unsigned int length) {
  if (int error = check(device, name)) return error;
  snprintf(name, length, "Emulated GPU");
  return SUCCESS;
}

// As the driver has it.
API int nvmlDeviceGetUUID(uint64_t device, char *uuid, unsigned int length) {
  if (int error = check(device, uuid)) return error;
  snprintf(uuid, length, "GPU-e0e0e0e0-e0e0-e0e0-e0e0-e0e0e0e0e0%02x", (unsigned int)device - 1);
  return SUCCESS;
}
API int nvmlDeviceGetHandleByUUID(const char *uuid, uint64_t *device) {
  if (users == 0) return UNINITIALIZED;
  if (uuid == nullptr || device == nullptr) return INVALID_ARGUMENT;
  for (int i = 0; i < count(); i++) {
    char own[64];
    nvmlDeviceGetUUID((uint64_t)i + 1, own, sizeof own);
    if (strcmp(own, uuid) != 0) continue;
    *device = (uint64_t)i + 1;
    return SUCCESS;
  }
  return NOT_FOUND;
}
API int nvmlSystemGetDriverVersion(char *version, unsigned int length) {
  if (users == 0) return UNINITIALIZED;
  snprintf(version, length, "emulated");
  return SUCCESS;
}

struct Memory {
  uint64_t total, free, used;
};
API int nvmlDeviceGetMemoryInfo(uint64_t device, Memory *memory) {
  if (int error = check(device, memory)) return error;
  size_t total = 0;
  cuDeviceTotalMem_v2(&total, (int)device - 1);
  size_t used = emulatedUsedBytes((int)device - 1);
  *memory = {total, total - used, used};
  return SUCCESS;
}

// A hundred watts, whatever runs.
static const unsigned int MILLIWATTS = 100'000;

API int nvmlDeviceGetPowerUsage(uint64_t device, unsigned int *milliwatts) {
  if (int error = check(device, milliwatts)) return error;
  *milliwatts = MILLIWATTS;
  return SUCCESS;
}
API int nvmlDeviceGetTotalEnergyConsumption(uint64_t device, uint64_t *millijoules) {
  if (int error = check(device, millijoules)) return error;
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  *millijoules = (uint64_t)now.tv_sec * MILLIWATTS + (uint64_t)now.tv_nsec * MILLIWATTS / 1'000'000'000;
  return SUCCESS;
}

struct Utilisation {
  unsigned int kernels, memory;
};
API int nvmlDeviceGetUtilizationRates(uint64_t device, Utilisation *percent) {
  if (int error = check(device, percent)) return error;
  *percent = {50, 25};
  return SUCCESS;
}

#define UNSUPPORTED(name)                                                                                              \
  API int name() { return users == 0 ? UNINITIALIZED : NOT_SUPPORTED; }
UNSUPPORTED(nvmlDeviceGetEnforcedPowerLimit)
UNSUPPORTED(nvmlDeviceGetClockInfo)
UNSUPPORTED(nvmlDeviceGetMaxClockInfo)
UNSUPPORTED(nvmlDeviceGetTemperature)
UNSUPPORTED(nvmlDeviceGetCurrPcieLinkGeneration)
UNSUPPORTED(nvmlDeviceGetCurrPcieLinkWidth)
UNSUPPORTED(nvmlDeviceGetNvLinkState)
UNSUPPORTED(nvmlDeviceGetTopologyCommonAncestor)
