#include "grid.h"
#include "fiber.h"
#include "memory.h"
#include "tensor-core.h"
#include <csetjmp>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace {

enum class State { ready, atBarrier, inWarp, exited };

struct Copy {
  void *to;
  const void *from;
  bool valid;
};

struct Thread {
  Fiber fiber;
  EmulatedIndex index;
  State state;
  // While it waits in a warp operation.
  unsigned int mask;
  EmulatedWarpOperation operation;
  void *operand;
  // Asynchronous copies: those not committed yet, and the committed groups, oldest first.
  std::vector<Copy> open;
  std::vector<std::vector<Copy>> groups;
  bool waitedForGrid;
};

const size_t GUARD = 4096;
const int MAX_THREADS = 1024;
const size_t MAX_SHARED = 256 * 1024;

struct Grid {
  const GridKernel *kernel = nullptr;
  void **parameters = nullptr;
  EmulatedIndex size{}, blockSize{};
  unsigned int threads = 0, alive = 0, atBarrier = 0;
  Thread *running = nullptr;
  bool anyWaited = false;
  Fiber scheduler;
  Outcome outcome = Outcome::done;
  std::string report;
  sigjmp_buf escape;
  pthread_t runner{};
  volatile bool active = false;
  uintptr_t faultAddress = 0, faultInstruction = 0;
  int faultSignal = 0;
} grid;

// Of a warp's lanes, those that have not exited, and those that wait in a warp operation.
struct Warp {
  unsigned int living, waiting;
};

std::vector<Thread> pool;
Warp warps[MAX_THREADS / 32];
char *stacks = nullptr;
char *sharedRoom = nullptr;

char *mapRoom(size_t bytes) {
  void *room = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) abort();
  return (char *)room;
}

void prepareRoom() {
  if (stacks != nullptr) return;
  size_t stride = Fiber::STACK_BYTES + GUARD;
  stacks = mapRoom(stride * MAX_THREADS);
  for (int i = 0; i < MAX_THREADS; i++) mprotect(stacks + stride * i, GUARD, PROT_NONE);
  sharedRoom = mapRoom(MAX_SHARED + 2 * GUARD);
  mprotect(sharedRoom, GUARD, PROT_NONE);
  mprotect(sharedRoom + GUARD + MAX_SHARED, GUARD, PROT_NONE);
  pool.resize(MAX_THREADS);
}

std::string format(const char *text, ...) {
  char buffer[1024];
  va_list list;
  va_start(list, text);
  vsnprintf(buffer, sizeof buffer, text, list);
  va_end(list);
  return buffer;
}

std::string place() {
  const EmulatedIndex &b = grid.kernel->module->block;
  std::string text = format("kernel %s, block (%u, %u, %u)", grid.kernel->name, b.x, b.y, b.z);
  if (grid.running != nullptr) {
    const EmulatedIndex &t = grid.running->index;
    text += format(", thread (%u, %u, %u)", t.x, t.y, t.z);
  }
  return text;
}

[[noreturn]] void fail(Outcome outcome, const std::string &what) {
  grid.outcome = outcome;
  grid.report = place() + ": " + what;
  siglongjmp(grid.escape, 1);
}

void leave() {
  Thread *self = grid.running;
  grid.scheduler.resume(self->fiber);
}

// ── What kernels call ──

void barrier() {
  grid.running->state = State::atBarrier;
  grid.atBarrier++;
  leave();
}

void yield() { leave(); }

unsigned int numberOf(const Thread *thread) { return (unsigned int)(thread - pool.data()); }
unsigned int lane() { return numberOf(grid.running) % 32; }


// Applies the operation that `thread` waits in, if all that it waits for are there.
bool meet(Thread *thread) {
  Warp &warp = warps[numberOf(thread) / 32];
  unsigned int first = numberOf(thread) / 32 * 32;
  unsigned int lanes = thread->mask & warp.living;
  if ((warp.waiting & lanes) != lanes) return false;
  void *operands[32] = {};
  for (unsigned int i = 0; i < 32; i++) {
    if (!(lanes & (1u << i))) continue;
    const Thread &other = pool[first + i];
    if (other.mask != thread->mask) return false;
    operands[i] = other.operand;
  }
  for (unsigned int i = 0; i < 32; i++)
    if ((lanes & (1u << i)) && pool[first + i].operation != thread->operation)
      fail(Outcome::failed, format("lanes of a warp meet in different operations (mask 0x%08x)", thread->mask));
  thread->operation(operands, lanes);
  warp.waiting &= ~lanes;
  for (unsigned int i = 0; i < 32; i++)
    if (lanes & (1u << i)) pool[first + i].state = State::ready;
  return true;
}

void warp(unsigned int mask, EmulatedWarpOperation operation, void *operand) {
  Thread *self = grid.running;
  if (!(mask & (1u << lane()))) fail(Outcome::failed, format("a lane is not in its own mask 0x%08x", mask));
  bool wholeWarp = operation == mmaBf16 || operation == mmaF16;
  Warp &own = warps[numberOf(self) / 32];
  if (wholeWarp && own.living != 0xffffffffu)
    fail(Outcome::failed, "a tensor-core operation in a warp whose lanes are not all there");
  self->mask = mask;
  self->operation = operation;
  self->operand = operand;
  self->state = State::inWarp;
  own.waiting |= 1u << lane();
  if (!meet(self)) leave();
}

void finish(const std::vector<Copy> &copies) {
  for (const Copy &copy : copies) {
    if (copy.valid) memcpy(copy.to, copy.from, 16);
    else memset(copy.to, 0, 16);
  }
}

void copyAsync16(void *to, const void *from, bool valid) {
  if ((uintptr_t)to % 16 != 0 || (valid && (uintptr_t)from % 16 != 0))
    fail(Outcome::misaligned, "an asynchronous copy of 16 bytes whose ends 16 does not divide");
  // Until the copy is waited for, what is there is not to be relied on.
  memset(to, 0xff, 16);
  grid.running->open.push_back({to, from, valid});
}

void copyAsyncCommit() {
  Thread *self = grid.running;
  self->groups.push_back(std::move(self->open));
  self->open.clear();
}

void copyAsyncWait(int underWay) {
  std::vector<std::vector<Copy>> &groups = grid.running->groups;
  while ((int)groups.size() > underWay) {
    finish(groups.front());
    groups.erase(groups.begin());
  }
}

void dependencyWait() {
  grid.running->waitedForGrid = true;
  grid.anyWaited = true;
}

void misaligned(const char *file, unsigned int line, unsigned long address) {
  // g++ checks with one call for null and for alignment.
  Outcome outcome = address == 0 ? Outcome::illegalAddress : Outcome::misaligned;
  fail(outcome, format("%s access at 0x%lx, at %s:%u", address == 0 ? "null" : "misaligned", address, file, line));
}

void outOfBounds(const char *file, unsigned int line, unsigned long index) {
  fail(Outcome::illegalAddress, format("index %ld is outside its array, at %s:%u", (long)index, file, line));
}

void trap(const char *reason) { fail(Outcome::failed, reason); }

const EmulatedRuntime RUNTIME = {barrier,         warp,          lane,           yield,   copyAsync16,
                                 copyAsyncCommit, copyAsyncWait, dependencyWait, mmaBf16, mmaF16,
                                 misaligned,      outOfBounds,   trap};

// ── Order: what a kernel computes must not depend on it ──

struct Order {
  enum { forward, reverse, shuffled } kind = forward;
  unsigned long long seed = 0;

  static Order fromEnvironment() {
    Order order;
    const char *text = getenv("WARPLINE_EMULATOR_ORDER");
    if (text == nullptr || strcmp(text, "forward") == 0) return order;
    if (strcmp(text, "reverse") == 0) order.kind = reverse;
    else if (strncmp(text, "shuffle:", 8) == 0) {
      order.kind = shuffled;
      order.seed = strtoull(text + 8, nullptr, 10);
    } else fprintf(stderr, "WARPLINE_EMULATOR_ORDER is forward, reverse or shuffle:SEED, not %s\n", text);
    return order;
  }

  // A permutation of 0 … count − 1; another one at each call where it is shuffled.
  void permute(std::vector<unsigned int> &into, unsigned int count) {
    into.resize(count);
    for (unsigned int i = 0; i < count; i++) into[i] = kind == reverse ? count - 1 - i : i;
    if (kind != shuffled) return;
    for (unsigned int i = count; i > 1; i--) {
      seed = seed * 6364136223846793005ull + 1442695040888963407ull;
      unsigned int j = (unsigned int)((seed >> 33) % i);
      std::swap(into[i - 1], into[j]);
    }
  }
};

// ── Running ──

void threadMain() {
  Thread *self = grid.running;
  grid.kernel->kernel->launch(grid.parameters);
  self = grid.running;
  for (const auto &group : self->groups) finish(group);
  finish(self->open);
  self->groups.clear();
  self->open.clear();
  self->state = State::exited;
  grid.alive--;
  // Those that waited for this lane wait for it no more.
  unsigned int first = numberOf(self) / 32 * 32;
  warps[first / 32].living &= ~(1u << lane());
  for (unsigned int i = 0; warps[first / 32].waiting != 0 && i < 32 && first + i < grid.threads; i++)
    if (pool[first + i].state == State::inWarp) meet(&pool[first + i]);
  leave();
  abort();
}

void resume(Thread *thread) {
  grid.running = thread;
  grid.kernel->module->thread = thread->index;
  thread->fiber.resume(grid.scheduler);
  grid.running = nullptr;
}

std::string whoWaits() {
  unsigned int barriers = 0, warps = 0, exited = 0, mask = 0;
  for (unsigned int i = 0; i < grid.threads; i++) {
    if (pool[i].state == State::atBarrier) barriers++;
    if (pool[i].state == State::exited) exited++;
    if (pool[i].state == State::inWarp) {
      warps++;
      mask = pool[i].mask;
    }
  }
  std::string text = format("divergent barrier: %u threads wait at __syncthreads, %u in a warp operation", barriers, warps);
  if (warps > 0) text += format(" (mask 0x%08x)", mask);
  return text + format(", %u have exited", exited);
}

void runBlock(Order &order, bool overlap) {
  size_t stride = Fiber::STACK_BYTES + GUARD;
  for (unsigned int i = 0; i < grid.threads; i++) {
    Thread &thread = pool[i];
    const EmulatedIndex &n = grid.blockSize;
    thread.index = {i % n.x, i / n.x % n.y, i / n.x / n.y};
    thread.state = State::ready;
    thread.waitedForGrid = false;
    thread.open.clear();
    thread.groups.clear();
    // Stacks end at different cache lines of their pages: else all would share a few sets of the cache.
    thread.fiber.prepare(stacks + stride * i + GUARD, Fiber::STACK_BYTES - i * 7 % 64 * 64, threadMain);
  }
  for (unsigned int first = 0; first < grid.threads; first += 32) {
    unsigned int lanes = grid.threads - first;
    warps[first / 32] = {lanes >= 32 ? 0xffffffffu : (1u << lanes) - 1, 0};
  }
  grid.alive = grid.threads;
  grid.atBarrier = 0;
  static std::vector<unsigned int> warpOrder, laneOrder;
  while (grid.alive > 0) {
    order.permute(warpOrder, (grid.threads + 31) / 32);
    order.permute(laneOrder, 32);
    bool progress = false;
    for (unsigned int w : warpOrder) {
      bool again = true;
      while (again) {
        again = false;
        for (unsigned int l : laneOrder) {
          unsigned int i = 32 * w + l;
          if (i >= grid.threads || pool[i].state != State::ready) continue;
          resume(&pool[i]);
          again = progress = true;
        }
      }
    }
    if (grid.alive > 0 && grid.atBarrier == grid.alive) {
      for (unsigned int i = 0; i < grid.threads; i++)
        if (pool[i].state == State::atBarrier) pool[i].state = State::ready;
      grid.atBarrier = 0;
      progress = true;
    }
    if (!progress) fail(Outcome::failed, whoWaits());
  }
  if (overlap || grid.anyWaited)
    for (unsigned int i = 0; i < grid.threads; i++)
      if (!pool[i].waitedForGrid) {
        grid.running = &pool[i];
        fail(Outcome::failed, "the thread exits without gridDependencyWait()");
      }
}

struct sigaction previousSegv, previousBus;

void onFault(int signal, siginfo_t *info, void *context) {
  if (grid.active && pthread_equal(pthread_self(), grid.runner)) {
    grid.faultSignal = signal;
    grid.faultAddress = (uintptr_t)info->si_addr;
#ifdef __x86_64__
    grid.faultInstruction = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#endif
    siglongjmp(grid.escape, 2);
  }
  const struct sigaction &previous = signal == SIGSEGV ? previousSegv : previousBus;
  if (previous.sa_flags & SA_SIGINFO) previous.sa_sigaction(signal, info, context);
  else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) previous.sa_handler(signal);
  else {
    // Coming back to the instruction, it faults again, for good.
    sigaction(signal, &previous, nullptr);
  }
}

std::string sourceLine(uintptr_t instruction) {
  Dl_info info;
  if (instruction == 0 || dladdr((void *)instruction, &info) == 0) return "";
  std::string command = format("addr2line -e '%s' -f -C 0x%lx 2>/dev/null", grid.kernel->file.c_str(),
                               (unsigned long)(instruction - (uintptr_t)info.dli_fbase));
  FILE *pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  char function[256] = "", line[512] = "";
  if (fgets(function, sizeof function, pipe) == nullptr || fgets(line, sizeof line, pipe) == nullptr) line[0] = 0;
  pclose(pipe);
  line[strcspn(line, "\n ")] = 0;
  if (line[0] == 0 || line[0] == '?') return "";
  const char *name = strrchr(line, '/');
  return std::string(", at ") + (name ? name + 1 : line);
}

std::string describeFault() {
  uintptr_t address = grid.faultAddress;
  std::string where = sourceLine(grid.faultInstruction);
  uintptr_t fromStacks = address - (uintptr_t)stacks;
  if (fromStacks < (Fiber::STACK_BYTES + GUARD) * MAX_THREADS) return "stack overflow of a thread" + where;
  if (address - (uintptr_t)sharedRoom < MAX_SHARED + 2 * GUARD)
    return format("access %ld bytes from the start of the dynamic shared memory",
                  (long)(address - (uintptr_t)grid.kernel->module->shared)) +
           where;
  return format("illegal access at 0x%lx (%s)", (unsigned long)address, describeAddress(address).c_str()) + where;
}

} // namespace

size_t staticSharedBytes(const EmulatedBlock &module) { return (size_t)(module.staticSharedEnd - module.staticShared); }

Outcome runGrid(const GridKernel &kernel, EmulatedIndex size, EmulatedIndex blockSize, size_t sharedBytes,
                void **parameters, bool overlap, std::string &report) {
  prepareRoom();
  grid.kernel = &kernel;
  grid.parameters = parameters;
  grid.size = size;
  grid.blockSize = blockSize;
  grid.threads = blockSize.x * blockSize.y * blockSize.z;
  grid.running = nullptr;
  grid.outcome = Outcome::done;
  grid.runner = pthread_self();
  grid.anyWaited = false;

  EmulatedBlock &module = *kernel.module;
  size_t rounded = (sharedBytes + 127) / 128 * 128;
  module.shared = (unsigned char *)sharedRoom + GUARD + MAX_SHARED - rounded;
  module.runtime = &RUNTIME;
  module.blockSize = blockSize;
  module.gridSize = size;

  static thread_local char *signalStack = mapRoom(64 * 1024);
  stack_t alternate = {}, previousStack;
  alternate.ss_sp = signalStack;
  alternate.ss_size = 64 * 1024;
  sigaltstack(&alternate, &previousStack);
  struct sigaction action = {};
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, &action, &previousSegv);
  sigaction(SIGBUS, &action, &previousBus);

  int escaped = sigsetjmp(grid.escape, 1);
  if (escaped == 0) {
    grid.active = true;
    static Order order;
    order = Order::fromEnvironment();
    static std::vector<unsigned int> blocks;
    order.permute(blocks, size.x * size.y * size.z);
    for (unsigned int b : blocks) {
      module.block = {b % size.x, b / size.x % size.y, b / size.x / size.y};
      memset(module.staticShared, 0xff, staticSharedBytes(module));
      memset(module.shared, 0xff, rounded);
      runBlock(order, overlap);
      for (size_t i = sharedBytes; i < rounded; i++)
        if (module.shared[i] != 0xff) fail(Outcome::illegalAddress, "a write past the end of the dynamic shared memory");
    }
  }
  grid.active = false;
  sigaction(SIGSEGV, &previousSegv, nullptr);
  sigaction(SIGBUS, &previousBus, nullptr);
  sigaltstack(&previousStack, nullptr);

  if (escaped == 2) {
    grid.outcome = Outcome::illegalAddress;
    grid.report = place() + ": " + describeFault();
  }
  if (grid.outcome == Outcome::done) {
    std::string overrun = findOverrun();
    if (!overrun.empty()) {
      grid.outcome = Outcome::illegalAddress;
      grid.report = std::string("kernel ") + kernel.name + ": " + overrun;
    }
  }
  report = grid.report;
  grid.kernel = nullptr;
  return grid.outcome;
}
