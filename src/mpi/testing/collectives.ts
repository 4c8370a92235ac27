import assert from 'node:assert/strict'
import type { Bytes, Numbers, Operation } from '../communicator.ts'
import { before, type ConformanceCase, later, MEBIBYTE, next, pattern, text } from './cases.ts'
import { ARRAY_TYPES, type ArrayType, expected, valuesOf } from './numbers.ts'

const OPERATIONS: readonly Operation[] = ['sum', 'min', 'max', 'product']

/** Calls that all ranks make together. */
export const COLLECTIVES: readonly ConformanceCase[] = [
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
  ...ARRAY_TYPES.map(
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
  ...ARRAY_TYPES.map(
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
]

function joined(type: ArrayType, size: number, length: number): Numbers {
  const whole = new type(size * length)
  for (let rank = 0; rank < size; rank++) whole.set(valuesOf(type, rank, length) as never, rank * length)
  return whole
}

function same(values: Numbers | Bytes, right: Numbers | Bytes): void {
  assert.deepEqual(values, right)
}
