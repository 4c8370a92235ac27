import assert from 'node:assert/strict'
import { before, type ConformanceCase, fails, later, MEBIBYTE, next, over, pattern, text } from './cases.ts'

/** What is under way: probing, waiting, giving up, and much of it at once. */
export const TRANSFERS: readonly ConformanceCase[] = [
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
]
