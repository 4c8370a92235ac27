// Streams, events and graphs. Work runs when it is enqueued, or, with WARPLINE_EMULATOR_STREAMS=late, not before
// somebody waits for it: what a program forgets to wait for is then seen missing.
#include "driver.h"
#include <cstdlib>
#include <cstring>
#include <ctime>

static bool late() {
  const char *text = getenv("WARPLINE_EMULATOR_STREAMS");
  return text != nullptr && strcmp(text, "late") == 0;
}

static double milliseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

Stream *findStream(Call &call, void *handle) {
  // 0, and the names of the legacy stream and of the thread's own.
  if ((uintptr_t)handle <= 2) return &driver.defaultStreams[call.context->device];
  Stream *stream = driver.streams.find(handle);
  return stream != nullptr && stream->context == call.context ? stream : nullptr;
}

static int run(Stream *stream, const Work &work) {
  return stream->context->lost != CUDA_SUCCESS ? stream->context->lost : work.run();
}

int enqueue(Stream *stream, Work work) {
  if (stream->capture != nullptr) {
    Capture &capture = *stream->capture;
    Capture::Branch &branch = capture.branches[stream];
    branch = {branch.recorded + 1, false};
    if (capture.status == CUDA_SUCCESS) capture.work.push_back(std::move(work));
    return capture.status;
  }
  stream->issued++;
  if (late()) {
    stream->waiting.push_back(std::move(work));
    return CUDA_SUCCESS;
  }
  if (int error = drain(stream)) return error;
  // A fault of a kernel is told by the next call, as on a card.
  int error = run(stream, work);
  return stream->context->lost != CUDA_SUCCESS ? CUDA_SUCCESS : error;
}

int drain(Stream *stream, uint64_t position) {
  while (!stream->waiting.empty() && stream->issued - stream->waiting.size() < position) {
    Work work = std::move(stream->waiting.front());
    stream->waiting.erase(stream->waiting.begin());
    if (int error = run(stream, work)) return error;
  }
  return stream->context->lost;
}

static std::vector<Stream *> &allStreams() {
  static std::vector<Stream *> streams;
  return streams;
}

int drainAll(Context *context) {
  for (Stream *stream : allStreams())
    if (stream->context == context)
      if (int error = drain(stream)) return error;
  return drain(&driver.defaultStreams[context->device]);
}

static void forgetStream(Stream *stream) {
  auto &streams = allStreams();
  for (size_t i = 0; i < streams.size(); i++)
    if (streams[i] == stream) {
      streams.erase(streams.begin() + (long)i);
      break;
    }
}

void unloadModules(Context *context);
void forgetContext(Context *context) {
  driver.streams.removeIf([=](Stream &stream) {
    if (stream.context != context) return false;
    forgetStream(&stream);
    return true;
  });
  driver.defaultStreams[context->device].waiting.clear();
  driver.events.removeIf([=](Event &event) { return event.context == context; });
  driver.graphs.removeIf([=](Graph &graph) { return graph.context == context; });
  driver.executables.removeIf([=](ExecutableGraph &graph) { return graph.context == context; });
  unloadModules(context);
}

// ── Streams ──

API int cuStreamCreate(void **stream, unsigned int) {
  Call call;
  if (call.error) return call.error;
  if (stream == nullptr) return INVALID_VALUE;
  auto made = std::make_unique<Stream>();
  made->context = call.context;
  Stream *handle = driver.streams.add(std::move(made));
  allStreams().push_back(handle);
  *stream = handle;
  return CUDA_SUCCESS;
}
API int cuStreamCreateWithPriority(void **stream, unsigned int flags, int) { return cuStreamCreate(stream, flags); }
API int cuCtxGetStreamPriorityRange(int *least, int *greatest) {
  *least = *greatest = 0;
  return CUDA_SUCCESS;
}

API int cuStreamDestroy_v2(void *handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = driver.streams.find(handle);
  if (stream == nullptr) return INVALID_HANDLE;
  drain(stream);
  forgetStream(stream);
  driver.streams.remove(handle);
  return CUDA_SUCCESS;
}

// What may not be asked of a stream that is being captured ends the capture.
static int refuseInCapture(Stream *stream) {
  if (stream->capture == nullptr) return CUDA_SUCCESS;
  stream->capture->status = STREAM_CAPTURE_INVALIDATED;
  return STREAM_CAPTURE_UNSUPPORTED;
}

API int cuStreamSynchronize(void *handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = findStream(call, handle);
  if (stream == nullptr) return INVALID_HANDLE;
  if (int error = refuseInCapture(stream)) return error;
  return stream == &driver.defaultStreams[call.context->device] ? drainAll(call.context) : drain(stream);
}

API int cuStreamQuery(void *handle) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = findStream(call, handle);
  if (stream == nullptr) return INVALID_HANDLE;
  if (int error = refuseInCapture(stream)) return error;
  if (stream->waiting.empty()) return CUDA_SUCCESS;
  // It gets on by one piece each time it is asked.
  int error = drain(stream, stream->issued - stream->waiting.size() + 1);
  return error != CUDA_SUCCESS ? error : NOT_READY;
}

API int cuLaunchHostFunc(void *handle, void (*function)(void *), void *data) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = findStream(call, handle);
  if (stream == nullptr) return INVALID_HANDLE;
  if (function == nullptr) return INVALID_VALUE;
  return enqueue(stream, {"host function", [=] {
                            function(data);
                            return CUDA_SUCCESS;
                          }});
}

// For the libraries beside the driver: calls `function` with a copy of `bytes` of `data`, in the stream. An error that
// it gives loses the context.
API int emulatedEnqueue(void *handle, const char *what, int (*function)(const void *), const void *data, size_t bytes) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = findStream(call, handle);
  if (stream == nullptr) return INVALID_HANDLE;
  auto copy = std::make_shared<std::vector<char>>((const char *)data, (const char *)data + bytes);
  Context *context = call.context;
  return enqueue(stream, {what, [=] {
                            int error = function(copy->data());
                            if (error == CUDA_SUCCESS) return error;
                            driver.report = std::string(what) + ": an operand is not in an allocation";
                            return lose(context, error);
                          }});
}

// ── Events ──

API int cuEventCreate(void **event, unsigned int) {
  Call call;
  if (call.error) return call.error;
  if (event == nullptr) return INVALID_VALUE;
  auto made = std::make_unique<Event>();
  made->context = call.context;
  *event = driver.events.add(std::move(made));
  return CUDA_SUCCESS;
}

API int cuEventDestroy_v2(void *event) {
  Call call;
  if (call.error) return call.error;
  return driver.events.remove(event) ? CUDA_SUCCESS : INVALID_HANDLE;
}

API int cuEventRecord(void *handle, void *streamHandle) {
  Call call;
  if (call.error) return call.error;
  Event *event = driver.events.find(handle);
  Stream *stream = findStream(call, streamHandle);
  if (event == nullptr || stream == nullptr) return INVALID_HANDLE;
  event->stream = stream;
  event->capture = stream->capture;
  event->recorded = true;
  if (stream->capture != nullptr) {
    event->position = stream->capture->branches[stream].recorded;
    return stream->capture->status;
  }
  int error = enqueue(stream, {"event", [handle] {
                                 if (Event *event = driver.events.find(handle)) event->time = milliseconds();
                                 return CUDA_SUCCESS;
                               }});
  event->position = stream->issued;
  return error;
}

API int cuStreamWaitEvent(void *streamHandle, void *handle, unsigned int) {
  Call call;
  if (call.error) return call.error;
  Event *event = driver.events.find(handle);
  Stream *stream = streamHandle == nullptr ? findStream(call, nullptr) : driver.streams.find(streamHandle);
  if (event == nullptr || stream == nullptr) return INVALID_HANDLE;
  if (!event->recorded) return CUDA_SUCCESS;
  if (event->capture != nullptr) {
    // The stream joins the capture. What is recorded stands in the order it came, which keeps every wait.
    Capture &capture = *event->capture;
    if (capture.ended) return CAPTURED_EVENT;
    if (stream->capture != nullptr && stream->capture != event->capture) return STREAM_CAPTURE_ISOLATION;
    stream->capture = event->capture;
    capture.branches[stream].joined = false;
    Capture::Branch &before = capture.branches[event->stream];
    if (before.recorded == event->position && stream != event->stream) before.joined = true;
    return CUDA_SUCCESS;
  }
  if (stream->capture != nullptr) {
    stream->capture->status = STREAM_CAPTURE_INVALIDATED;
    return STREAM_CAPTURE_ISOLATION;
  }
  uint64_t position = event->position;
  Stream *before = event->stream;
  return enqueue(stream, {"wait", [before, position] {
                            return driver.streams.find(before) != nullptr ? drain(before, position) : (int)CUDA_SUCCESS;
                          }});
}

static bool pending(const Event &event) {
  Stream *stream = driver.streams.find(event.stream);
  return stream != nullptr && stream->issued - stream->waiting.size() < event.position;
}

API int cuEventQuery(void *handle) {
  Call call;
  if (call.error) return call.error;
  Event *event = driver.events.find(handle);
  if (event == nullptr) return INVALID_HANDLE;
  if (event->capture != nullptr) return CAPTURED_EVENT;
  if (!pending(*event)) return CUDA_SUCCESS;
  int error = drain(event->stream, event->stream->issued - event->stream->waiting.size() + 1);
  return error != CUDA_SUCCESS ? error : NOT_READY;
}

API int cuEventSynchronize(void *handle) {
  Call call;
  if (call.error) return call.error;
  Event *event = driver.events.find(handle);
  if (event == nullptr) return INVALID_HANDLE;
  if (event->capture != nullptr) return CAPTURED_EVENT;
  return pending(*event) ? drain(event->stream, event->position) : (int)CUDA_SUCCESS;
}

API int cuEventElapsedTime_v2(float *time, void *from, void *to) {
  Call call;
  if (call.error) return call.error;
  Event *first = driver.events.find(from), *second = driver.events.find(to);
  if (first == nullptr || second == nullptr || !first->recorded || !second->recorded) return INVALID_HANDLE;
  if (pending(*first) || pending(*second)) return NOT_READY;
  *time = (float)(second->time - first->time);
  return CUDA_SUCCESS;
}
API int cuEventElapsedTime(float *time, void *from, void *to) { return cuEventElapsedTime_v2(time, from, to); }

// ── Captures and graphs ──

API int cuStreamBeginCapture_v2(void *handle, int mode) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = driver.streams.find(handle);
  // The default stream cannot be captured.
  if (stream == nullptr) return (uintptr_t)handle <= 2 ? STREAM_CAPTURE_UNSUPPORTED : INVALID_HANDLE;
  if (mode < 0 || mode > 2) return INVALID_VALUE;
  if (stream->capture != nullptr) return STREAM_CAPTURE_UNSUPPORTED;
  stream->capture = std::make_shared<Capture>();
  stream->capture->origin = stream;
  return CUDA_SUCCESS;
}

API int cuStreamEndCapture(void *handle, void **graph) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = driver.streams.find(handle);
  if (stream == nullptr || graph == nullptr) return INVALID_HANDLE;
  std::shared_ptr<Capture> capture = stream->capture;
  if (capture == nullptr) return INVALID_VALUE;
  if (capture->origin != stream) return STREAM_CAPTURE_UNMATCHED;
  for (Stream *other : allStreams())
    if (other->capture == capture) other->capture = nullptr;
  capture->ended = true;
  for (const auto &[branch, state] : capture->branches)
    if (branch != stream && !state.joined && capture->status == CUDA_SUCCESS) capture->status = STREAM_CAPTURE_UNJOINED;
  *graph = nullptr;
  if (capture->status != CUDA_SUCCESS) return capture->status;
  auto made = std::make_unique<Graph>();
  made->context = call.context;
  made->work = std::move(capture->work);
  *graph = driver.graphs.add(std::move(made));
  return CUDA_SUCCESS;
}

API int cuStreamIsCapturing(void *handle, int *status) {
  Call call;
  if (call.error) return call.error;
  Stream *stream = findStream(call, handle);
  if (stream == nullptr) return INVALID_HANDLE;
  // None, active, invalidated.
  *status = stream->capture == nullptr ? 0 : stream->capture->status == CUDA_SUCCESS ? 1 : 2;
  return CUDA_SUCCESS;
}

API int cuGraphGetNodes(void *handle, void **nodes, size_t *count) {
  Call call;
  if (call.error) return call.error;
  Graph *graph = driver.graphs.find(handle);
  if (graph == nullptr) return INVALID_HANDLE;
  if (count == nullptr) return INVALID_VALUE;
  if (nodes != nullptr)
    for (size_t i = 0; i < *count; i++) nodes[i] = i < graph->work.size() ? &graph->work[i] : nullptr;
  if (nodes == nullptr || *count > graph->work.size()) *count = graph->work.size();
  return CUDA_SUCCESS;
}

API int cuGraphInstantiateWithFlags(void **executable, void *handle, unsigned long long) {
  Call call;
  if (call.error) return call.error;
  Graph *graph = driver.graphs.find(handle);
  if (graph == nullptr || executable == nullptr) return INVALID_VALUE;
  auto made = std::make_unique<ExecutableGraph>();
  made->context = call.context;
  made->work = graph->work;
  *executable = driver.executables.add(std::move(made));
  return CUDA_SUCCESS;
}

struct UpdateResult {
  int result;
  void *errorNode, *errorFromNode;
};

API int cuGraphExecUpdate_v2(void *handle, void *graphHandle, UpdateResult *result) {
  Call call;
  if (call.error) return call.error;
  ExecutableGraph *executable = driver.executables.find(handle);
  Graph *graph = driver.graphs.find(graphHandle);
  if (executable == nullptr || graph == nullptr) return INVALID_HANDLE;
  // CU_GRAPH_EXEC_UPDATE_SUCCESS, …_ERROR_TOPOLOGY_CHANGED, …_ERROR_FUNCTION_CHANGED
  UpdateResult verdict = {0, nullptr, nullptr};
  if (executable->work.size() != graph->work.size()) verdict.result = 2;
  for (size_t i = 0; verdict.result == 0 && i < graph->work.size(); i++)
    if (executable->work[i].what != graph->work[i].what) verdict = {4, &graph->work[i], nullptr};
  if (result != nullptr) *result = verdict;
  if (verdict.result != 0) return GRAPH_EXEC_UPDATE_FAILURE;
  executable->work = graph->work;
  return CUDA_SUCCESS;
}

API int cuGraphLaunch(void *handle, void *streamHandle) {
  Call call;
  if (call.error) return call.error;
  ExecutableGraph *executable = driver.executables.find(handle);
  Stream *stream = findStream(call, streamHandle);
  if (executable == nullptr || stream == nullptr) return INVALID_HANDLE;
  for (const Work &work : executable->work)
    if (int error = enqueue(stream, work)) return error;
  return CUDA_SUCCESS;
}

API int cuGraphUpload(void *handle, void *) {
  Call call;
  if (call.error) return call.error;
  return driver.executables.find(handle) != nullptr ? CUDA_SUCCESS : INVALID_HANDLE;
}
API int cuGraphExecDestroy(void *handle) {
  Call call;
  if (call.error) return call.error;
  return driver.executables.remove(handle) ? CUDA_SUCCESS : INVALID_HANDLE;
}
API int cuGraphDestroy(void *handle) {
  Call call;
  if (call.error) return call.error;
  return driver.graphs.remove(handle) ? CUDA_SUCCESS : INVALID_HANDLE;
}
