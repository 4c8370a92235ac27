import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Clock } from '../../clock/index.ts'
import type { Communicator, Operation } from '../communicator.ts'
import { localGroup } from '../local.ts'
import { ARRAY_TYPES, expected, valuesOf } from '../testing/numbers.ts'

/** Alarms ring in an order that a seed says. */
class AnyOrder implements Clock {
  readonly #alarms: (() => void)[] = []

  now(): number {
    return 0
  }

  at(_time: number, run: () => void): () => void {
    this.#alarms.push(run)
    return () => {}
  }

  /** Until `done` is settled; throws where nothing is left that could settle it. */
  async run(done: Promise<unknown>, choose: (count: number) => number): Promise<void> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    done.then(over, over)
    for (;;) {
      await new Promise(resolve => setImmediate(resolve))
      if (isOver) return
      if (this.#alarms.length === 0) throw new Error('all wait, and no message is under way')
      this.#alarms.splice(choose(this.#alarms.length), 1)[0]!()
    }
  }
}

const CALLS = ['barrier', 'bcast', 'gather', 'gatherv', 'allgather', 'reduce', 'allreduce', 'split', 'ring'] as const

interface Call {
  readonly call: (typeof CALLS)[number]
  readonly type: (typeof ARRAY_TYPES)[number]
  readonly root: number
  readonly length: number
  readonly operation: Operation
}

const calls = fc.array(
  fc.record({
    call: fc.constantFrom(...CALLS),
    type: fc.constantFrom(...ARRAY_TYPES),
    root: fc.nat({ max: 4 }),
    length: fc.nat({ max: 4 }),
    operation: fc.constantFrom('sum', 'min', 'max', 'product'),
  }) as fc.Arbitrary<Call>,
  { minLength: 1, maxLength: 8 },
)

/** One call by one rank: what comes out, and what must. */
async function make(
  world: Communicator,
  { call, type, length, operation, root: any }: Call,
): Promise<[unknown, unknown]> {
  const { rank, size } = world
  const root = any % size
  const values = valuesOf(type, rank, length)
  const joined = () => Array.from({ length: size }, (_, other) => [...valuesOf(type, other, length)]).flat()
  const atRoot = <T>(value: T) => (rank === root ? value : undefined)
  const list = (values: Iterable<unknown> | undefined) => values && [...values]
  switch (call) {
    case 'barrier':
      return [await world.barrier(), undefined]
    case 'bcast': {
      const data = rank === root ? values : new type(length)
      await world.bcast(data, root)
      return [list(data), list(valuesOf(type, root, length))]
    }
    case 'gather':
      return [list(await world.gather(values, root)), atRoot(joined())]
    case 'gatherv': {
      const parts = await world.gatherv(valuesOf(type, rank, (rank * length) % 5), root)
      const right = Array.from({ length: size }, (_, other) => [...valuesOf(type, other, (other * length) % 5)])
      return [parts?.map(part => [...part]), atRoot(right)]
    }
    case 'allgather':
      return [list(await world.allgather(values)), joined()]
    case 'reduce':
      return [list(await world.reduce(values, operation, root)), atRoot(list(expected(type, size, length, operation)))]
    case 'allreduce':
      return [list(await world.allreduce(values, operation)), list(expected(type, size, length, operation))]
    case 'split': {
      const part = (await world.split(rank % 2, -rank))!
      const members = Array.from({ length: size }, (_, other) => size - 1 - other).filter(
        other => other % 2 === rank % 2,
      )
      return [list(await part.allgather(Int32Array.of(rank))), members]
    }
    case 'ring': {
      const sent = world.send(Int32Array.of(rank), (rank + 1) % size, length)
      const { data } = await world.receive({ source: (rank + size - 1) % size, tag: length })
      await sent
      return [data.readInt32LE(), (rank + size - 1) % size]
    }
  }
}

test('whatever is called, and in whatever order messages come, what comes out is right', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      calls,
      fc.boolean(),
      fc.array(fc.nat(), { minLength: 1 }),
      async (size, calls, atOnce, choices) => {
        const clock = new AnyOrder()
        const group = localGroup(size, { clock, latencyMs: 1 })
        const run = async (world: Communicator) => {
          // Messages of one ring must not be another's; collectives keep themselves apart.
          if (atOnce) await Promise.all(calls.filter(({ call }) => call !== 'ring').map(call => check(world, call)))
          else for (const call of calls) await check(world, call)
        }
        let i = 0
        const done = Promise.all(group.map(run))
        await clock.run(done, count => choices[i++ % choices.length]! % count)
        await done
      },
    ),
    { numRuns: 150 },
  )
})

async function check(world: Communicator, call: Call): Promise<void> {
  const [found, right] = await make(world, call)
  expect(found, `${call.call} at rank ${world.rank} of ${world.size}`).toEqual(right)
}
