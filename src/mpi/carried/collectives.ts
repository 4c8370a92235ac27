import { bytesOf, emptyLike, numbersFrom } from '../bytes.ts'
import type { Numbers, Operation } from '../communicator.ts'
import { MpiError } from '../errors.ts'
import { combine } from './combine.ts'

/** A way between the members that one collective has to itself. */
export interface Lane {
  readonly rank: number
  readonly size: number
  send(to: number, data: Buffer): Promise<void>
  receive(from: number): Promise<Buffer>
}

/** By dissemination: ⌈log₂ size⌉ rounds, in which each tells one that lies 2ʳ further. */
export async function barrier({ rank, size, send, receive }: Lane): Promise<void> {
  for (let distance = 1; distance < size; distance *= 2) {
    const sent = send((rank + distance) % size, Buffer.alloc(0))
    await Promise.all([sent, receive((rank - distance + size) % size)])
  }
}

/** Down a binomial tree: whoever has it gives it to those that lie ever nearer. */
export async function bcast({ rank, size, send, receive }: Lane, data: Buffer, root: number): Promise<void> {
  const place = (rank - root + size) % size
  let distance = 1
  while (distance < size && !(place & distance)) distance *= 2
  if (place !== 0) {
    const came = await receive((place - distance + root) % size)
    if (came.length !== data.length)
      throw new MpiError('truncated', `root broadcasts ${came.length} bytes, and here are ${data.length} for them`)
    data.set(came)
  }
  const below: Promise<void>[] = []
  for (distance /= 2; distance >= 1; distance /= 2)
    if (place + distance < size) below.push(send((place + distance + root) % size, data))
  await Promise.all(below)
}

export async function gatherv<T extends Numbers>(lane: Lane, part: T, root: number): Promise<T[] | undefined> {
  if (lane.rank !== root) {
    await lane.send(root, bytesOf(part))
    return undefined
  }
  return Promise.all(
    Array.from({ length: lane.size }, async (_, rank) => {
      const bytes = rank === root ? bytesOf(part) : await lane.receive(rank)
      if (bytes.length % part.BYTES_PER_ELEMENT !== 0)
        throw new MpiError('truncated', `rank ${rank} gives ${bytes.length} bytes, no whole number of elements`)
      return numbersFrom(part, bytes)
    }),
  )
}

export async function gather<T extends Numbers>(lane: Lane, part: T, root: number): Promise<T | undefined> {
  const parts = await gatherv(lane, part, root)
  if (!parts) return undefined
  const whole = emptyLike(part, part.length * lane.size)
  for (const [rank, values] of parts.entries()) {
    mustBeAsLong(part, values, rank)
    whole.set(values as never, rank * part.length)
  }
  return whole
}

export async function allgather<T extends Numbers>(lane: Lane, part: T): Promise<T> {
  const whole = (await gather(lane, part, 0)) ?? emptyLike(part, part.length * lane.size)
  await bcast(lane, bytesOf(whole), 0)
  return whole
}

/** In the order of ranks, so that the same values give the same bits, whoever is root. */
export async function reduce<T extends Numbers>(
  lane: Lane,
  values: T,
  operation: Operation,
  root: number,
): Promise<T | undefined> {
  const parts = await gatherv(lane, values, root)
  if (!parts) return undefined
  for (const [rank, part] of parts.entries()) {
    mustBeAsLong(values, part, rank)
    if (rank > 0) combine(parts[0]!, part, operation)
  }
  return parts[0]!
}

export async function allreduce<T extends Numbers>(lane: Lane, values: T, operation: Operation): Promise<T> {
  const result = (await reduce(lane, values, operation, 0)) ?? emptyLike(values, values.length)
  await bcast(lane, bytesOf(result), 0)
  return result
}

function mustBeAsLong(here: Numbers, there: Numbers, rank: number): void {
  if (there.length !== here.length)
    throw new MpiError('truncated', `rank ${rank} gives ${there.length} elements where there are ${here.length} here`)
}
