import assert from 'node:assert/strict'
import type { Bytes, Communicator, Message, Numbers, Operation, Transfer } from '../communicator.ts'
import { MpiError, type MpiErrorKind } from '../errors.ts'
import { expected, NUMBER_TYPES, valuesOf } from './numbers.ts'

/** What every communicator must do. All ranks run `run` at once; it throws where something is wrong. */
export interface ConformanceCase {
  readonly name: string
  /** Ranks that it takes at least. Default 1. */
  readonly ranks?: number
  run(world: Communicator): Promise<void>
}

const MEBIBYTE = 2 ** 20
const OPERATIONS: readonly Operation[] = ['sum', 'min', 'max', 'product']

const text = (words: string) => Buffer.from(words)
const next = ({ rank, size }: Communicator) => (rank + 1) % size
const before = ({ rank, size }: Communicator) => (rank + size - 1) % size

export const CONFORMANCE: readonly ConformanceCase[] = [
  {
    name: 'knows its place',
    async run(world) {
      assert.ok(Number.isInteger(world.rank) && world.rank >= 0 && world.rank < world.size)
      assert.ok(world.host.length > 0 && world.library.length > 0)
      const ranks = await world.allgather(Int32Array.of(world.rank))
      assert.deepEqual([...ranks], [...ranks.keys()])
    },
  },
  {
    name: 'sends what lies in memory, with its length, source and tag',
    async run(world) {
      const sent = world.send(text(`from ${world.rank}`), next(world), 7)
      const { source, tag, bytes, data } = await world.receive({ source: before(world), tag: 7 })
      await sent
      assert.deepEqual({ source, tag, bytes }, { source: before(world), tag: 7, bytes: data.length })
      assert.equal(data.toString(), `from ${before(world)}`)
    },
  },
  {
    name: 'sends part of a buffer, and receives into part of one',
    async run(world) {
      const numbers = Float64Array.of(1, 2, 3, 4).subarray(1, 3)
      const room = new Float64Array(5)
      const sent = world.send(numbers, next(world))
      const { bytes } = await world.recv(room.subarray(2, 4), { source: before(world) })
      await sent
      assert.equal(bytes, 16)
      assert.deepEqual([...room], [0, 0, 2, 3, 0])
    },
  },
  {
    name: 'receives less than there is room for',
    async run(world) {
      const room = new Uint8Array(8).fill(9)
      const sent = world.send(Uint8Array.of(1, 2), next(world), 1)
      const { bytes } = await world.recv(room, { tag: 1 })
      await sent
      assert.equal(bytes, 2)
      assert.deepEqual([...room.subarray(0, 2)], [1, 2])
      assert.equal(room[7], 9)
    },
  },
  {
    name: 'sends empty messages',
    async run(world) {
      const sent = world.send(new Uint8Array(0), next(world), 3)
      const { source, bytes, data } = await world.receive({ tag: 3 })
      await sent
      assert.deepEqual([source, bytes, data.length], [before(world), 0, 0])
    },
  },
  {
    name: 'sends to itself, whichever comes first',
    async run(world) {
      const receiving = world.receive({ source: world.rank, tag: 5 })
      await world.send(text('early'), world.rank, 5)
      assert.equal((await receiving).data.toString(), 'early')
      const sending = world.isend(text('late'), world.rank, 6)
      assert.equal((await world.receive({ source: world.rank, tag: 6 })).data.toString(), 'late')
      await sending.done
    },
  },
  {
    name: 'keeps the order of messages from one rank',
    async run(world) {
      const sent = Array.from({ length: 50 }, (_, i) => world.send(Int32Array.of(i), next(world), i % 3))
      for (let i = 0; i < 50; i++) {
        const { tag, data } = await world.receive({ source: before(world) })
        assert.deepEqual([tag, data.readInt32LE()], [i % 3, i])
      }
      await Promise.all(sent)
    },
  },
  {
    name: 'takes messages by tag, in another order than they were sent',
    async run(world) {
      const sent = [11, 12, 13].map(tag => world.send(Int32Array.of(tag), next(world), tag))
      for (const tag of [13, 11, 12]) {
        const room = new Int32Array(1)
        const status = await world.recv(room, { source: before(world), tag })
        assert.deepEqual([status.tag, room[0]], [tag, tag])
      }
      await Promise.all(sent)
    },
  },
  {
    name: 'gives messages to receives in the order in which those were posted',
    async run(world) {
      const receives = Array.from({ length: 20 }, (_, i) =>
        world.receive(i % 2 ? { source: before(world) } : { source: before(world), tag: 4 }),
      )
      await world.barrier()
      const sent = receives.map((_, i) => world.send(Int32Array.of(i), next(world), 4))
      const order = (await Promise.all(receives)).map(({ data }) => data.readInt32LE())
      await Promise.all(sent)
      assert.deepEqual(order, [...order.keys()])
    },
  },
  {
    name: 'receives from anybody, with any tag',
    async run(world) {
      if (world.rank > 0) return world.send(text(`I am ${world.rank}`), 0, world.rank)
      const seen: Message[] = []
      while (seen.length < world.size - 1) seen.push(await world.receive())
      for (const { source, tag, data } of seen) {
        assert.equal(tag, source)
        assert.equal(data.toString(), `I am ${source}`)
      }
      const sources = seen.map(({ source }) => source).sort((a, b) => a - b)
      assert.deepEqual(
        sources,
        Array.from({ length: world.size - 1 }, (_, i) => i + 1),
      )
    },
  },
  {
    name: 'carries the highest tag, and what a 16-bit tag would wrap',
    async run(world) {
      const sent = [32_767, 0].map(tag => world.send(Int32Array.of(tag), next(world), tag))
      const { data } = await world.receive({ source: before(world), tag: 0 })
      assert.equal(data.readInt32LE(), 0)
      assert.equal((await world.receive({ tag: 32_767 })).data.readInt32LE(), 32_767)
      await Promise.all(sent)
    },
  },
  {
    name: 'refuses ranks and tags that do not exist',
    async run(world) {
      for (const rank of [-1, world.size, 0.5, Number.NaN]) {
        await fails('bad_rank', async () => world.send(text('x'), rank))
        await fails('bad_rank', async () => world.receive({ source: rank }))
        await fails('bad_rank', async () => world.bcast(new Uint8Array(1), rank))
        await fails('bad_rank', async () => world.iprobe({ source: rank }))
      }
      for (const tag of [-1, 32_768, 1.5]) {
        await fails('bad_tag', async () => world.send(text('x'), world.rank, tag))
        await fails('bad_tag', async () => world.recv(new Uint8Array(1), { tag }))
        await fails('bad_tag', async () => world.probe({ tag }))
      }
      await world.barrier()
    },
  },
  {
    name: 'refuses a message that is longer than the room for it, and goes on',
    async run(world) {
      const sent = [world.send(new Uint8Array(100), next(world), 1), world.send(text('fits'), next(world), 2)]
      await fails('truncated', () => world.recv(new Uint8Array(99), { source: before(world), tag: 1 }))
      assert.equal((await world.receive({ source: before(world), tag: 2 })).data.toString(), 'fits')
      await Promise.all(sent)
    },
  },
  {
    name: 'probes what has come, and leaves it there',
    async run(world) {
      assert.equal(world.iprobe({ tag: 21 }), undefined)
      const sent = world.send(text('look'), next(world), 20)
      const status = await world.probe({ tag: 20 })
      assert.deepEqual(status, { source: before(world), tag: 20, bytes: 4 })
      assert.deepEqual(world.iprobe(), status)
      assert.equal(world.iprobe({ tag: 21 }), undefined)
      assert.equal((await world.receive(status)).data.toString(), 'look')
      assert.equal(world.iprobe(), undefined)
      await sent
    },
  },
  {
    name: 'wakes who probes before there is a message',
    async run(world) {
      const probing = world.probe({ source: before(world), tag: 22 })
      await world.barrier()
      const sent = world.send(text('now'), next(world), 22)
      assert.equal((await probing).bytes, 3)
      assert.equal((await world.receive({ tag: 22 })).data.toString(), 'now')
      await sent
    },
  },
  {
    name: 'says of a transfer whether it is over',
    async run(world) {
      const room = new Uint8Array(4)
      const receiving = world.irecv(room, { source: before(world), tag: 30 })
      assert.equal(receiving.test(), false)
      await world.barrier()
      const sending = world.isend(text('done'), next(world), 30)
      await over(receiving)
      await over(sending)
      assert.deepEqual(await receiving.done, { source: before(world), tag: 30, bytes: 4 })
      assert.equal(Buffer.from(room).toString(), 'done')
    },
  },
  {
    name: 'gives up a receive, and the message is there for another',
    async run(world) {
      const room = new Uint8Array(4)
      const given = world.irecv(room, { source: before(world), tag: 31 })
      given.cancel()
      await fails('cancelled', () => given.done)
      assert.equal(given.test(), true)
      given.cancel()
      await world.barrier()
      const sent = world.send(text('next'), next(world), 31)
      assert.equal((await world.receive({ source: before(world), tag: 31 })).data.toString(), 'next')
      await sent
      assert.deepEqual([...room], [0, 0, 0, 0])
    },
  },
  {
    name: 'leaves a transfer that is over as it is when it is given up',
    async run(world) {
      const receiving = world.irecv(new Uint8Array(2), { source: before(world), tag: 32 })
      const sending = world.isend(text('ok'), next(world), 32)
      await Promise.all([receiving.done, sending.done])
      receiving.cancel()
      sending.cancel()
      assert.equal((await receiving.done).bytes, 2)
    },
  },
  {
    name: 'may change memory once a send has resolved',
    async run(world) {
      const memory = Int32Array.of(1)
      for (let i = 0; i < 20; i++) {
        memory[0] = i
        await world.send(memory, next(world), 33)
      }
      for (let i = 0; i < 20; i++) assert.equal((await world.receive({ tag: 33 })).data.readInt32LE(), i)
    },
  },
  {
    name: 'carries a thousand messages in flight',
    async run(world) {
      const rooms = Array.from({ length: 1000 }, () => new Int32Array(2))
      const receives = rooms.map((room, i) => world.irecv(room, { source: before(world), tag: i }))
      const sends = rooms.map((_, i) => world.isend(Int32Array.of(i, world.rank), next(world), i))
      await Promise.all([...receives, ...sends].map(({ done }): Promise<unknown> => done))
      for (const [i, room] of rooms.entries()) assert.deepEqual([...room], [i, before(world)])
    },
  },
  {
    name: 'carries a thousand messages that nobody waits for yet',
    async run(world) {
      const sends = Array.from({ length: 1000 }, (_, i) => world.send(Int32Array.of(i), next(world), 34))
      await world.barrier()
      for (let i = 0; i < 1000; i++) assert.equal((await world.receive({ tag: 34 })).data.readInt32LE(), i)
      await Promise.all(sends)
    },
  },
  {
    name: 'carries a mebibyte both ways at once',
    async run(world) {
      const data = pattern(MEBIBYTE, world.rank)
      const room = new Uint8Array(MEBIBYTE)
      const receiving = world.recv(room, { source: before(world), tag: 35 })
      const back = world.receive({ source: next(world), tag: 36 })
      await Promise.all([world.send(data, next(world), 35), world.send(data, before(world), 36)])
      await receiving
      assert.ok(pattern(MEBIBYTE, before(world)).equals(room))
      assert.ok(pattern(MEBIBYTE, next(world)).equals((await back).data))
    },
  },
  {
    name: 'keeps the event loop alive while it waits',
    async run(world) {
      const receiving = world.irecv(new Uint8Array(1), { source: before(world), tag: 37 })
      for (let turn = 0; turn < 20; turn++) await later()
      assert.equal(receiving.test(), false)
      await world.barrier()
      await world.send(Uint8Array.of(1), next(world), 37)
      await receiving.done
    },
  },
  {
    name: 'lets nobody pass a barrier before the last has come',
    ranks: 2,
    async run(world) {
      const last = world.size - 1
      if (world.rank === last) {
        for (let rank = 0; rank < last; rank++) assert.equal(world.iprobe({ source: rank, tag: 39 }), undefined)
        for (let turn = 0; turn < 10; turn++) await later()
        for (let rank = 0; rank < last; rank++) assert.equal(world.iprobe({ source: rank, tag: 39 }), undefined)
        await world.barrier()
        for (let rank = 0; rank < last; rank++) await world.receive({ source: rank, tag: 39 })
      } else {
        await world.barrier()
        await world.send(new Uint8Array(0), last, 39)
      }
    },
  },
  {
    name: 'broadcasts from each root',
    async run(world) {
      for (let root = 0; root < world.size; root++) {
        const data = world.rank === root ? pattern(1000, root) : Buffer.alloc(1000)
        await world.bcast(data, root)
        assert.ok(pattern(1000, root).equals(data))
      }
    },
  },
  {
    name: 'broadcasts a mebibyte, and nothing',
    async run(world) {
      const data = world.rank === 0 ? pattern(MEBIBYTE, 1) : Buffer.alloc(MEBIBYTE)
      await world.bcast(data)
      assert.ok(pattern(MEBIBYTE, 1).equals(data))
      await world.bcast(new Uint8Array(0))
    },
  },
  ...NUMBER_TYPES.map(
    (type): ConformanceCase => ({
      name: `gathers, to one and to all, ${type.name}`,
      async run(world) {
        for (let root = 0; root < world.size; root++) {
          const whole = await world.gather(valuesOf(type, world.rank, 3), root)
          if (world.rank !== root) assert.equal(whole, undefined)
          else same(whole!, joined(type, world.size, 3))
        }
        same(await world.allgather(valuesOf(type, world.rank, 3)), joined(type, world.size, 3))
      },
    }),
  ),
  ...NUMBER_TYPES.map(
    (type): ConformanceCase => ({
      name: `reduces, to one and to all, ${type.name}`,
      async run(world) {
        for (const operation of OPERATIONS) {
          const values = valuesOf(type, world.rank, 5)
          const right = expected(type, world.size, 5, operation)
          const root = world.size - 1
          const result = await world.reduce(values, operation, root)
          if (world.rank !== root) assert.equal(result, undefined)
          else same(result!, right)
          same(await world.allreduce(values, operation), right)
          same(values, valuesOf(type, world.rank, 5))
        }
      },
    }),
  ),
  {
    name: 'gathers and reduces parts of no length',
    async run(world) {
      const whole = await world.gather(new Float32Array(0))
      assert.equal(whole?.length, world.rank === 0 ? 0 : undefined)
      assert.equal((await world.allgather(new Int32Array(0))).length, 0)
      assert.equal((await world.allreduce(new Float64Array(0), 'sum')).length, 0)
    },
  },
  {
    name: 'gathers parts of unequal length, empty ones too',
    async run(world) {
      for (let root = 0; root < world.size; root++) {
        // Rank 0 gives nothing, rank 1 one value, and so on.
        const parts = await world.gatherv(valuesOf(Float64Array, world.rank, world.rank), root)
        if (world.rank !== root) assert.equal(parts, undefined)
        else {
          assert.equal(parts!.length, world.size)
          for (const [rank, part] of parts!.entries()) same(part, valuesOf(Float64Array, rank, rank))
        }
      }
      const nothing = await world.gatherv(new BigInt64Array(0))
      if (world.rank === 0)
        assert.deepEqual(
          [...nothing!].map(({ length }) => length),
          Array(world.size).fill(0),
        )
      const uneven = await world.gatherv(valuesOf(Int32Array, world.rank, world.rank === 0 ? 1000 : 0))
      if (world.rank === 0) same(uneven![0]!, valuesOf(Int32Array, 0, 1000))
    },
  },
  {
    name: 'gives the same bits of a sum everywhere',
    async run(world) {
      const sum = await world.allreduce(Float64Array.of(0.1 * (world.rank + 1), 1e16, 1 / (world.rank + 3)), 'sum')
      const all = await world.allgather(new BigUint64Array(sum.buffer as ArrayBuffer, sum.byteOffset, sum.length))
      for (let i = 0; i < all.length; i++) assert.equal(all[i], all[i % sum.length])
    },
  },
  {
    name: 'reduces many elements',
    async run(world) {
      const sum = await world.allreduce(new Float32Array(50_000).fill(world.rank + 1), 'sum')
      const right = (world.size * (world.size + 1)) / 2
      assert.ok(sum.every(value => value === right))
    },
  },
  {
    name: 'begins collectives before earlier ones are over',
    async run(world) {
      const sums = Array.from({ length: 20 }, (_, i) => world.allreduce(Int32Array.of(i), 'sum'))
      const barrier = world.barrier()
      const ranks = world.allgather(Int32Array.of(world.rank))
      for (const [i, sum] of (await Promise.all(sums)).entries()) assert.equal(sum[0], i * world.size)
      await barrier
      assert.equal((await ranks).length, world.size)
    },
  },
  {
    name: 'keeps collectives and messages apart',
    async run(world) {
      const receiving = world.irecv(new Uint8Array(2), {})
      const sum = await world.allreduce(Int32Array.of(1), 'sum')
      assert.equal(sum[0], world.size)
      await world.bcast(new Uint8Array(8), world.size - 1)
      assert.equal(receiving.test(), false)
      assert.equal(world.iprobe(), undefined)
      await world.barrier()
      await world.send(text('me'), next(world), 0)
      assert.deepEqual(await receiving.done, { source: before(world), tag: 0, bytes: 2 })
    },
  },
  {
    name: 'splits by color',
    async run(world) {
      const half = (await world.split(world.rank % 2))!
      assert.equal(half.rank, Math.floor(world.rank / 2))
      assert.equal(half.size, Math.ceil((world.size - (world.rank % 2)) / 2))
      const ranks = await half.allgather(Int32Array.of(world.rank))
      assert.ok(ranks.every((rank, i) => rank === 2 * i + (world.rank % 2)))
      await half.close()
    },
  },
  {
    name: 'orders a split by key, then by rank',
    async run(world) {
      const turned = (await world.split(0, -world.rank))!
      assert.equal(turned.rank, world.size - 1 - world.rank)
      const sent = turned.send(Int32Array.of(world.rank), next(turned))
      assert.equal((await turned.receive()).data.readInt32LE(), world.size - 1 - before(turned))
      await sent
      await turned.close()
      const alike = (await world.split(3, 5))!
      assert.equal(alike.rank, world.rank)
      await alike.close()
    },
  },
  {
    name: 'leaves out of a split who has no color',
    async run(world) {
      const part = await world.split(world.rank === 0 ? undefined : 1)
      if (world.rank === 0) assert.equal(part, undefined)
      else {
        assert.equal(part!.size, world.size - 1)
        assert.equal((await part!.allreduce(Int32Array.of(1), 'sum'))[0], world.size - 1)
        await part!.close()
      }
    },
  },
  {
    name: 'keeps the messages of a split to itself',
    async run(world) {
      const other = (await world.split(0))!
      const here = world.irecv(new Uint8Array(5), { source: before(world) })
      const there = other.irecv(new Uint8Array(5), { source: before(world) })
      const sends = [other.send(text('other'), next(world), 1), world.send(text('world'), next(world), 2)]
      assert.equal((await there.done).tag, 1)
      assert.equal((await here.done).tag, 2)
      await Promise.all(sends)
      await other.close()
    },
  },
  {
    name: 'splits a split',
    async run(world) {
      const whole = (await world.split(0))!
      const single = (await whole.split(world.rank))!
      assert.deepEqual([single.rank, single.size], [0, 1])
      assert.equal((await single.allreduce(Int32Array.of(world.rank), 'max'))[0], world.rank)
      await single.close()
      await whole.close()
    },
  },
  {
    name: 'gives up what is under way when it is closed, and refuses what comes then',
    async run(world) {
      const other = (await world.split(0))!
      const pending = [other.irecv(new Uint8Array(1)), other.irecv(new Uint8Array(1), { source: next(world), tag: 9 })]
      await world.barrier()
      await other.close()
      await other.close()
      for (const { done } of pending) await fails(['cancelled', 'closed'], () => done)
      await fails('closed', async () => other.send(text('x'), other.rank))
      await fails('closed', async () => other.receive())
      await fails('closed', async () => other.barrier())
      await world.barrier()
    },
  },
]

/**
 * Runs all cases in order on a world of any size, and leaves it open.
 *
 * @throws what the first case throws that fails, or says that it did not end in `timeoutMs` (default 10 s)
 */
export async function runConformance(
  world: Communicator,
  { timeoutMs = 10_000, done }: { readonly timeoutMs?: number; readonly done?: (name: string) => void } = {},
): Promise<void> {
  for (const { name, ranks = 1, run } of CONFORMANCE) {
    if (world.size < ranks) continue
    await inTime(run(world), name, timeoutMs)
    // A case may receive from anybody: nobody is to be ahead.
    await inTime(world.barrier(), `${name} (the barrier after it)`, timeoutMs)
    done?.(name)
  }
}

async function inTime(running: Promise<void>, name: string, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`“${name}” did not end in ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    await Promise.race([running, late])
  } catch (error) {
    throw new Error(`“${name}”: ${error instanceof Error ? error.message : error}`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

async function fails(kinds: MpiErrorKind | readonly MpiErrorKind[], call: () => Promise<unknown>): Promise<void> {
  let value: unknown
  try {
    value = await call()
  } catch (error) {
    if (error instanceof MpiError && [kinds].flat().includes(error.kind)) return
    throw error
  }
  assert.fail(`should be refused as ${kinds}, and gave ${JSON.stringify(value)}`)
}

async function over(transfer: Transfer<unknown>): Promise<void> {
  while (!transfer.test()) await later()
}

const later = () => new Promise<void>(resolve => setImmediate(resolve))

function pattern(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + seed * 17 + (i >> 8)) & 0xff
  return bytes
}

function joined(type: (typeof NUMBER_TYPES)[number], size: number, length: number): Numbers {
  const whole = new type(size * length)
  for (let rank = 0; rank < size; rank++) whole.set(valuesOf(type, rank, length) as never, rank * length)
  return whole
}

function same(values: Numbers | Bytes, right: Numbers | Bytes): void {
  assert.deepEqual(values, right)
}
