import {
  ARGUMENTS, CALLER_WAITS, CHUNK_WORK, DOORBELL, FAILED, FINISHED, JOB_CHUNKS, JOB_ITEMS, JOB_OPERATION, JOB_STEP, SLEEPERS,
  STOP, THREADS, TICKET,
} from './control'
import { part } from './operations'

// A job is split into chunks of items, and whoever is awake claims the next one. So the caller never waits for a
// worker that has not begun: where cores are short, it does the work itself. It waits for claimed chunks alone.

/** Chunks for each thread, so that one which is held up leaves its share to the others. */
const CHUNKS_PER_THREAD: i32 = 4
/** A job of fewer chunks than this is done before another thread has woken up. */
const WORTH_SHARING: i64 = 3
/** Looks at a word before going to sleep on it, some 1–2 ns each: what waking a thread costs, not more. */
const CALLER_SPINS: i32 = 2_000
const WORKER_SPINS: i32 = 50_000

/** 0 for the caller; a worker's index, from 1 on. */
let thread: i32 = 0

// @ts-ignore: decorator
@inline
export function threadIndex(): i32 {
  return thread
}

// @ts-ignore: decorator
@inline
export function setArgument<T>(index: usize, value: T): void {
  store<T>(ARGUMENTS + (index << 2), value)
}

// @ts-ignore: decorator
@inline
export function argument<T>(index: usize): T {
  return load<T>(ARGUMENTS + (index << 2))
}

/**
 * Does `items` items of `operation`, whose arguments are set, on all threads if that pays.
 *
 * @param workPerItem - multiply-adds of a matrix product that take as long, about
 * @param multiple - chunks start at multiples of it
 */
export function launch(operation: i32, items: i32, workPerItem: i64, multiple: i32): void {
  if (items <= 0) return
  const threads = load<i32>(THREADS)
  const worthwhile = <i64>items * workPerItem / <i64>load<i32>(CHUNK_WORK)
  const wanted = <i32>min<i64>(worthwhile, <i64>(threads * CHUNKS_PER_THREAD))
  if (threads == 1 || worthwhile < WORTH_SHARING || wanted < 2) return part(operation, 0, items)

  const step = ((items + wanted - 1) / wanted + multiple - 1) / multiple * multiple
  const chunks = (items + step - 1) / step
  store<i32>(JOB_OPERATION, operation)
  store<i32>(JOB_ITEMS, items)
  store<i32>(JOB_STEP, step)
  store<i32>(JOB_CHUNKS, chunks)
  atomic.store<i32>(FINISHED, 0)
  const number = (atomic.load<i64>(TICKET) >> 32) + 1
  atomic.store<i64>(TICKET, (number << 32) | <i64>chunks)
  atomic.add<i32>(DOORBELL, 1)
  if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(DOORBELL, min(threads, chunks) - 1)

  drain()
  awaitChunks(chunks)
}

function awaitChunks(chunks: i32): void {
  for (let i = 0; i < CALLER_SPINS; i++) if (atomic.load<i32>(FINISHED) == chunks) return
  atomic.store<i32>(CALLER_WAITS, 1)
  for (;;) {
    const finished = atomic.load<i32>(FINISHED)
    if (finished == chunks) break
    if (atomic.load<i32>(FAILED) != 0) unreachable()
    atomic.wait<i32>(FINISHED, finished, -1)
  }
  atomic.store<i32>(CALLER_WAITS, 0)
}

/** Claims and does chunks until none is left; whether there was any. */
function drain(): bool {
  let any = false
  let ticket = atomic.load<i64>(TICKET)
  while (<i32>ticket != 0) {
    // The ticket names the job, so a claim can only succeed while that job is the current one; from then on, until
    // this chunk is counted as finished, its description stays.
    const found = atomic.cmpxchg<i64>(TICKET, ticket, ticket - 1)
    if (found == ticket) {
      const chunks = load<i32>(JOB_CHUNKS)
      const step = load<i32>(JOB_STEP)
      const from = (chunks - <i32>ticket) * step
      part(load<i32>(JOB_OPERATION), from, min(from + step, load<i32>(JOB_ITEMS)))
      if (atomic.add<i32>(FINISHED, 1) + 1 == chunks && atomic.load<i32>(CALLER_WAITS) != 0) atomic.notify(FINISHED, 1)
      any = true
      ticket = atomic.load<i64>(TICKET)
    } else ticket = found
  }
  return any
}

/** A worker's life. */
export function work(index: i32): void {
  thread = index
  while (atomic.load<i32>(STOP) == 0) {
    const bell = atomic.load<i32>(DOORBELL)
    if (drain()) continue
    let spins = WORKER_SPINS
    while (spins > 0 && atomic.load<i32>(DOORBELL) == bell) spins--
    if (spins > 0) continue
    atomic.add<i32>(SLEEPERS, 1)
    atomic.wait<i32>(DOORBELL, bell, -1)
    atomic.sub<i32>(SLEEPERS, 1)
  }
}
