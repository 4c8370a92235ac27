import type { CudaContext, Stream } from '../../../src/cuda/index.ts'
import type { DeviceOperation } from '../../../src/native/device/cuda/operations/operation.ts'

const REPLAYS = 5

/** Microseconds that the operations take as one graph: the median of a few replays, after one that warms up. */
export function replayMicroseconds(
  context: CudaContext,
  stream: Stream,
  operations: readonly DeviceOperation[],
): number {
  using graph = stream.capture(() => {
    for (const operation of operations) operation.enqueue(stream)
  })
  using executable = graph.instantiate()
  const [before, after] = [context.createEvent(), context.createEvent()]
  const times = Array.from({ length: REPLAYS + 1 }, () => {
    stream.record(before)
    executable.launch(stream)
    stream.record(after)
    stream.synchronize()
    return after.elapsedMs(before) * 1000
  })
  return times.slice(1).sort((a, b) => a - b)[REPLAYS >> 1]!
}
