import type { Most } from '../engine/index.ts'

/** An operation of a step, and how long it took by itself. */
export interface Timed {
  readonly name: string
  readonly detail: string
  readonly ms: number
  /** Least bytes through memory, and arithmetic; 0: not known. */
  readonly bytes: number
  readonly flops: number
}

/** All operations of a step that are the same kernel at the same sizes. */
export interface OperationGroup {
  readonly name: string
  readonly detail: string
  readonly count: number
  /** Of one, in the mean. */
  readonly microsecondsEach: number
  readonly microseconds: number
  /** Of the sum of all operations. */
  readonly share: number
  readonly gigabytesPerSecond: number | null
  readonly teraflops: number | null
  /** The least time that the card allows, as a share of the time it took, and by what. */
  readonly bound: 'memory' | 'compute' | null
  readonly ofCeiling: number | null
}

/** By name and detail, those first that take longest in all. */
export function groupOperations(operations: readonly Timed[], most: Most | undefined): readonly OperationGroup[] {
  const total = operations.reduce((sum, { ms }) => sum + ms, 0)
  const groups = new Map<string, Timed[]>()
  for (const operation of operations) {
    const key = `${operation.name}\n${operation.detail}`
    const group = groups.get(key)
    if (group) group.push(operation)
    else groups.set(key, [operation])
  }
  return [...groups.values()]
    .map(group => figuresOf(group, total, most))
    .sort((a, b) => b.microseconds - a.microseconds)
}

function figuresOf(group: readonly Timed[], totalMs: number, most: Most | undefined): OperationGroup {
  const { name, detail } = group[0]!
  const sum = (of: (operation: Timed) => number) => group.reduce((all, operation) => all + of(operation), 0)
  const [ms, bytes, flops] = [sum(each => each.ms), sum(each => each.bytes), sum(each => each.flops)]
  const [memory, compute] = most
    ? [bytes / (most.gigabytesPerSecond * 1e6), flops / (most.teraflops * 1e9)]
    : [undefined, undefined]
  const knows = memory !== undefined && bytes + flops > 0 && ms > 0
  return {
    name,
    detail,
    count: group.length,
    microsecondsEach: (ms * 1000) / group.length,
    microseconds: ms * 1000,
    share: totalMs > 0 ? ms / totalMs : 0,
    gigabytesPerSecond: bytes > 0 && ms > 0 ? bytes / ms / 1e6 : null,
    teraflops: flops > 0 && ms > 0 ? flops / ms / 1e9 : null,
    bound: knows ? (memory >= compute ? 'memory' : 'compute') : null,
    ofCeiling: knows ? Math.max(memory, compute) / ms : null,
  }
}
