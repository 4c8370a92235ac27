import {
  type CudaContext,
  type CudaEvent,
  type ExecutableGraph,
  rangePop,
  rangePush,
  type Stream,
} from '../../../cuda/index.ts'
import type { DeviceOperation } from './operations/operation.ts'

export interface ProfileOptions {
  /** How often the step is run; times are medians. */
  readonly repetitions: number
  /** Whether each operation's enqueueing is a range that profilers show. */
  readonly ranges?: boolean
}

/** Milliseconds of the card's own clock. */
export interface StepProfile {
  /** In the step's order, each alone: nothing overlaps. What a mark takes by itself is left out. */
  readonly operations: readonly { readonly operation: DeviceOperation; readonly ms: number }[]
  /** Enqueued one behind the other without marks. */
  readonly togetherMs: number
  /** As one graph; undefined where the step is none. */
  readonly graphMs: number | undefined
  /** What a mark between two operations takes. */
  readonly markMs: number
}

/** What enqueueing an operation and a mark takes the host, at most. */
const HOST_MS = 0.01
const MOST_LEADS = 200
const IDLE_MARKS = 32

/**
 * Runs a step that has been run before once more, several times: its inputs lie where they lay, and it computes the same.
 *
 * A small kernel takes less than its launch takes the host, so marks around it would measure the host. Therefore the
 * card is given something to do first, the step itself, while the host enqueues what is to be measured.
 */
export function profileStep(
  context: CudaContext,
  stream: Stream,
  step: { readonly operations: readonly DeviceOperation[]; readonly executable: ExecutableGraph | undefined },
  { repetitions, ranges = false }: ProfileOptions,
): StepProfile {
  const { operations, executable } = step
  const marks = Array.from({ length: Math.max(operations.length + 1, IDLE_MARKS) }, () => context.createEvent())
  const whole = () => {
    if (executable !== undefined) executable.launch(stream)
    else for (const operation of operations) operation.enqueue(stream)
  }
  /** Each gap between marks, in every repetition. */
  const gaps = (lead: () => void, count: number, between: (i: number) => void): number[][] => {
    const all: number[][] = Array.from({ length: count }, () => [])
    for (let r = 0; r < repetitions; r++) {
      lead()
      stream.record(marks[0]!)
      for (let i = 0; i < count; i++) {
        between(i)
        stream.record(marks[i + 1]!)
      }
      stream.synchronize()
      for (let i = 0; i < count; i++) all[i]!.push(marks[i + 1]!.elapsedMs(marks[i]!))
    }
    return all
  }
  try {
    const alone = median(gaps(whole, 1, whole)[0]!)
    const leads = Math.min(MOST_LEADS, Math.ceil((operations.length * HOST_MS) / Math.max(alone, 1e-3)))
    const lead = () => {
      for (let i = 0; i < leads; i++) whole()
    }
    const together = () => {
      for (const operation of operations) operation.enqueue(stream)
    }
    const markMs = median(gaps(lead, IDLE_MARKS - 1, () => {}).flat())
    const each = gaps(lead, operations.length, i => {
      if (ranges) rangePush(operations[i]!.name)
      operations[i]!.enqueue(stream)
      if (ranges) rangePop()
    })
    return {
      operations: operations.map((operation, i) => ({ operation, ms: Math.max(0, median(each[i]!) - markMs) })),
      togetherMs: Math.max(0, median(gaps(lead, 1, together)[0]!) - markMs),
      graphMs: executable === undefined ? undefined : Math.max(0, median(gaps(lead, 1, whole)[0]!) - markMs),
      markMs,
    }
  } finally {
    for (const mark of marks) dispose(mark)
  }
}

function dispose(mark: CudaEvent): void {
  mark[Symbol.dispose]()
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
