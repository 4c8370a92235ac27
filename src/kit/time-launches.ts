import type { CudaContext, Stream } from '../cuda/index.ts'

/** Long enough beside the resolution of events (about half a microsecond) and what a graph's launch costs. */
const SAMPLE_MS = 1
const MOST_LAUNCHES = 256

/**
 * The median milliseconds of one of `launches`, each of which is taken in turn. Many are recorded in one graph, so that
 * the host's own time for a launch is not part of it, and are timed by events on the card.
 */
export function timeLaunches(
  context: CudaContext,
  stream: Stream,
  launches: readonly ((stream: Stream) => void)[],
  samples = 20,
): number {
  // First all of them, so that what is loaded at first use is there, and that the first estimate is a fair one.
  const all = (): void => {
    for (const launch of launches) launch(stream)
  }
  all()
  stream.synchronize()
  const estimate = timed(context, stream, all) / launches.length
  const count = Math.min(Math.max(Math.ceil(SAMPLE_MS / Math.max(estimate, 1e-4)), 1), MOST_LAUNCHES)
  using graph = stream.capture(() => {
    for (let i = 0; i < count; i++) launches[i % launches.length]!(stream)
  })
  using executable = graph.instantiate()
  const run = (): number => timed(context, stream, () => executable.launch(stream)) / count
  run()
  return median(Array.from({ length: samples }, run))
}

/** Of an even number, the upper of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

function timed(context: CudaContext, stream: Stream, body: () => void): number {
  using start = context.createEvent()
  using end = context.createEvent()
  stream.record(start)
  body()
  stream.record(end)
  end.synchronize()
  return end.elapsedMs(start)
}
