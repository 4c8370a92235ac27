#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

// Memory of the emulated cards, and pinned memory of the host: filled with 0xCD, with pages around it that fault.

const int MAX_DEVICES = 16;

struct Allocation {
  uintptr_t address;
  size_t bytes;
  // −1: the host's.
  int device;
  // What was mapped for it, guards included.
  void *map;
  size_t mapBytes;
};

// Null where the card has no room left.
void *allocate(int device, size_t bytes);
void *allocatePinned(size_t bytes);
// False where no such allocation is.
bool release(void *address, bool pinned);
void releaseAll(int device);
// The allocation that holds `bytes` from `address` on, or null.
const Allocation *holderOf(uintptr_t address, size_t bytes);
// Where an address is, in words.
std::string describeAddress(uintptr_t address);
// Says which allocation was written past its end, in the bytes before its guard page; empty where none was.
std::string findOverrun();

size_t totalBytes();
size_t usedBytes(int device);
