import { PlacedBuffers } from './buffers.ts'
import type { KitEntry, Size } from './entry.ts'
import type { KitMachine } from './machine.ts'
import { randomNumbers } from './random.ts'

export interface CheckResult {
  readonly name: string
  readonly size: Size
  readonly ok: boolean
  /** The largest; Infinity where something is no number. */
  readonly error: number
  readonly tolerance: number
  /** What is wrong where it is not the error. */
  readonly reason?: string
}

/** Runs an entry on every size that it is to be checked on, against its twin, with fresh random inputs. */
export function check(entry: KitEntry, machine: KitMachine, seed: number): readonly CheckResult[] {
  return entry.checks.map((size, i) => checkSize(entry, size, machine, seed + i))
}

function checkSize(entry: KitEntry, size: Size, machine: KitMachine, seed: number): CheckResult {
  const { name, tolerance, scale = 0 } = entry
  const buffers = entry.buffers(size)
  using placed = new PlacedBuffers(machine.context, buffers, machine.stream)
  const inputs = placed.fill(randomNumbers(seed))
  entry.prepare(size, placed.at, machine.toolsFor(entry))(machine.stream)
  machine.stream.synchronize()
  const overrun = placed.overrun()
  const result = { name, size, tolerance }
  if (overrun !== undefined) {
    return { ...result, ok: false, error: Number.POSITIVE_INFINITY, reason: `writes beyond the end of ${overrun}` }
  }
  const expected = entry.twin(size, inputs)
  const outputs = Object.keys(buffers).filter(name => buffers[name]!.role !== 'in')
  const error = Math.max(...outputs.map(output => largestError(placed.read(output), expected[output], scale)))
  return { ...result, ok: error <= tolerance, error }
}

/** Relative to a value's own magnitude, the root mean square of all or `scale`, whichever is most. */
export function largestError(got: ArrayLike<number>, want: ArrayLike<number> | undefined, scale = 0): number {
  if (want === undefined || got.length !== want.length) return Number.POSITIVE_INFINITY
  let squares = 0
  for (let i = 0; i < want.length; i++) squares += want[i]! ** 2
  const usual = Math.max(Math.sqrt(squares / want.length), scale)
  let most = 0
  for (let i = 0; i < want.length; i++) {
    const difference = Math.abs(got[i]! - want[i]!)
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY
    if (difference > 0) most = Math.max(most, difference / Math.max(Math.abs(want[i]!), usual))
  }
  return most
}
