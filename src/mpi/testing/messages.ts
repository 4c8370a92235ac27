import assert from 'node:assert/strict'
import type { Message } from '../communicator.ts'
import { before, type ConformanceCase, fails, next, text } from './cases.ts'

/** Messages from one rank to one. */
export const MESSAGES: readonly ConformanceCase[] = [
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
]
