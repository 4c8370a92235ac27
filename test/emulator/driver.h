#pragma once
// The parts of the emulated driver that its own files and the emulated libraries beside it share.
#include "grid.h"
#include "memory.h"
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

// CUresult
enum {
  CUDA_SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  PEER_ACCESS_UNSUPPORTED = 217,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  NOT_READY = 600,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_OUT_OF_RESOURCES = 701,
  PEER_ACCESS_ALREADY_ENABLED = 704,
  CONTEXT_IS_DESTROYED = 709,
  MISALIGNED_ADDRESS = 716,
  LAUNCH_FAILED = 719,
  NOT_SUPPORTED = 801,
  STREAM_CAPTURE_UNSUPPORTED = 900,
  STREAM_CAPTURE_INVALIDATED = 901,
  STREAM_CAPTURE_UNMATCHED = 903,
  STREAM_CAPTURE_UNJOINED = 904,
  STREAM_CAPTURE_ISOLATION = 905,
  CAPTURED_EVENT = 907,
  GRAPH_EXEC_UPDATE_FAILURE = 910,
};

// One piece of a stream's or a graph's work.
struct Work {
  // What it is, to tell whether a graph can take another's place: a graph's update may change arguments, not this.
  std::string what;
  std::function<int()> run;
};

struct Context {
  int device;
  int references = 0;
  // Once a kernel has faulted, all that the context is asked for fails with this.
  int lost = CUDA_SUCCESS;
};

struct Capture {
  std::vector<Work> work;
  struct Stream *origin;
  int status = CUDA_SUCCESS;
  bool ended = false;
  // Of the streams that joined: how much they recorded, and whether the origin waits for all of it.
  struct Branch {
    uint64_t recorded = 0;
    bool joined = false;
  };
  std::unordered_map<struct Stream *, Branch> branches;
};

struct Stream {
  Context *context;
  std::shared_ptr<Capture> capture;
  // Work that waits to run, where streams run late; `issued` counts all that ever came.
  std::vector<Work> waiting;
  uint64_t issued = 0;
};

struct Event {
  Context *context;
  std::shared_ptr<Capture> capture;
  Stream *stream = nullptr;
  uint64_t position = 0;
  double time = 0;
  bool recorded = false;
};

struct Graph {
  Context *context;
  std::vector<Work> work;
};
struct ExecutableGraph {
  Context *context;
  std::vector<Work> work;
};

struct Function;
struct Module {
  Context *context;
  void *library;
  int file;
  std::string path;
  EmulatedBlock *block;
  std::unordered_map<std::string, std::unique_ptr<Function>> functions;
};
struct Function {
  Module *module;
  std::string name;
  const EmulatedKernel *kernel;
  size_t dynamicLimit;
};

// Handles that live, by kind: what is not among them is refused.
template <class T> class Handles {
public:
  T *add(std::unique_ptr<T> value) {
    T *pointer = value.get();
    live[pointer] = std::move(value);
    return pointer;
  }
  T *find(void *handle) const { return live.count(handle) ? (T *)handle : nullptr; }
  bool remove(void *handle) { return live.erase(handle) > 0; }
  template <class F> void removeIf(F condition) {
    for (auto at = live.begin(); at != live.end();) at = condition(*at->second) ? live.erase(at) : std::next(at);
  }

private:
  std::unordered_map<void *, std::unique_ptr<T>> live;
};

struct Driver {
  std::recursive_mutex mutex;
  bool initialized = false;
  int devices = 0;
  Context contexts[MAX_DEVICES];
  Handles<Stream> streams;
  Handles<Event> events;
  Handles<Module> modules;
  Handles<Graph> graphs;
  Handles<ExecutableGraph> executables;
  std::unordered_map<void *, Function *> functions;
  Stream defaultStreams[MAX_DEVICES];
  // What the last fault was, for cuGetErrorString.
  std::string report;
};
extern Driver driver;

// Held by every function of the driver. `error` is what stands against the call before it begins.
struct Call {
  std::lock_guard<std::recursive_mutex> lock{driver.mutex};
  Context *context = nullptr;
  int error;
  Call();
};

// The context of the calling thread; null where it has none.
Context *&currentContext();
Stream *findStream(Call &call, void *handle);
// Runs it, or records it where the stream is being captured, or lets it wait where streams run late.
int enqueue(Stream *stream, Work work);
// Runs all that waits in it, or that came before `position`.
int drain(Stream *stream, uint64_t position = UINT64_MAX);
int drainAll(Context *context);
// An error that loses the context.
int lose(Context *context, int error);
void forgetContext(Context *context);
