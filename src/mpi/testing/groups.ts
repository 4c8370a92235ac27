import assert from 'node:assert/strict'
import { before, type ConformanceCase, fails, next, text } from './cases.ts'

/** Splitting a communicator, and closing one. */
export const GROUPS: readonly ConformanceCase[] = [
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
