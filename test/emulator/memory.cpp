#include "memory.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sys/mman.h>
#include <unistd.h>

namespace {

const size_t PAGE = 4096;
const size_t ALIGNMENT = 256;
const unsigned char POISON = 0xcd;
// A file of poison, mapped privately again and again: what is never touched costs nothing.
const size_t POISON_BYTES = 16 << 20;

std::map<uintptr_t, Allocation> allocations;
size_t used[MAX_DEVICES];

int poisonFile() {
  static int file = -1;
  if (file >= 0) return file;
  file = memfd_create("emulated memory", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, POISON_BYTES) != 0) abort();
  void *at = mmap(nullptr, POISON_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (at == MAP_FAILED) abort();
  memset(at, POISON, POISON_BYTES);
  munmap(at, POISON_BYTES);
  return file;
}

size_t roundUp(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

void *take(int device, size_t bytes) {
  size_t inner = roundUp(roundUp(bytes, ALIGNMENT), PAGE);
  size_t outer = inner + 2 * PAGE;
  char *map = (char *)mmap(nullptr, outer, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) return nullptr;
  for (size_t at = 0; at < inner; at += POISON_BYTES) {
    size_t part = inner - at < POISON_BYTES ? inner - at : POISON_BYTES;
    if (mmap(map + PAGE + at, part, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, poisonFile(), 0) ==
        MAP_FAILED)
      abort();
  }
  uintptr_t address = (uintptr_t)map + PAGE + inner - roundUp(bytes, ALIGNMENT);
  allocations[address] = {address, bytes, device, map, outer};
  return (void *)address;
}

void drop(std::map<uintptr_t, Allocation>::iterator at) {
  const Allocation &allocation = at->second;
  if (allocation.device >= 0) used[allocation.device] -= roundUp(allocation.bytes, ALIGNMENT);
  munmap(allocation.map, allocation.mapBytes);
  allocations.erase(at);
}

} // namespace

size_t totalBytes() {
  static size_t total = 0;
  if (total == 0) {
    const char *text = getenv("WARPLINE_EMULATED_MEMORY");
    total = text != nullptr ? strtoull(text, nullptr, 10) : (size_t)4 << 30;
  }
  return total;
}

size_t usedBytes(int device) { return used[device]; }

void *allocate(int device, size_t bytes) {
  size_t rounded = roundUp(bytes, ALIGNMENT);
  if (rounded < bytes || rounded > totalBytes() - used[device]) return nullptr;
  void *address = take(device, bytes);
  if (address != nullptr) used[device] += rounded;
  return address;
}

void *allocatePinned(size_t bytes) { return take(-1, bytes); }

bool release(void *address, bool pinned) {
  auto at = allocations.find((uintptr_t)address);
  if (at == allocations.end() || (at->second.device < 0) != pinned) return false;
  drop(at);
  return true;
}

void releaseAll(int device) {
  for (auto at = allocations.begin(); at != allocations.end();) {
    auto next = std::next(at);
    if (at->second.device == device) drop(at);
    at = next;
  }
}

const Allocation *holderOf(uintptr_t address, size_t bytes) {
  auto after = allocations.upper_bound(address);
  if (after == allocations.begin()) return nullptr;
  const Allocation &allocation = std::prev(after)->second;
  uintptr_t offset = address - allocation.address;
  return offset <= allocation.bytes && bytes <= allocation.bytes - offset ? &allocation : nullptr;
}

std::string describeAddress(uintptr_t address) {
  char text[160];
  for (const auto &[start, allocation] : allocations) {
    uintptr_t map = (uintptr_t)allocation.map;
    if (address < map || address >= map + allocation.mapBytes) continue;
    if (address < start)
      snprintf(text, sizeof text, "%zu bytes before an allocation of %zu", (size_t)(start - address), allocation.bytes);
    else
      snprintf(text, sizeof text, "%zu bytes from the start of an allocation of %zu", (size_t)(address - start),
               allocation.bytes);
    return text;
  }
  return "in no allocation";
}

std::string findOverrun() {
  for (const auto &[start, allocation] : allocations) {
    const unsigned char *bytes = (const unsigned char *)start;
    for (size_t i = allocation.bytes; i < roundUp(allocation.bytes, ALIGNMENT); i++)
      if (bytes[i] != POISON) {
        char text[160];
        snprintf(text, sizeof text, "wrote %zu bytes past the end of an allocation of %zu", i - allocation.bytes + 1,
                 allocation.bytes);
        return text;
      }
  }
  return "";
}
