import type { Communicator } from '../../mpi/index.ts'
import { quantile } from '../../statistics/index.ts'
import type { Check } from './check.ts'
import { microseconds } from './text.ts'

const ROUNDS = 50
const MOST_MS = 200

/** One call by every rank, which throws where what comes out is wrong. */
type Call = (world: Communicator, round: number) => Promise<void>

export const COLLECTIVES: readonly Check[] = [
  collective('barrier', world => world.barrier()),
  collective('bcast', async (world, round) => {
    const root = round % world.size
    const data = world.rank === root ? Int32Array.of(root, round) : new Int32Array(2)
    await world.bcast(data, root)
    same(data, [root, round])
  }),
  collective('gather', async (world, round) => {
    const root = round % world.size
    const whole = await world.gather(Int32Array.of(world.rank, round), root)
    if (world.rank === root)
      same(
        whole,
        ranks(world).flatMap(rank => [rank, round]),
      )
  }),
  collective('gatherv', async (world, round) => {
    // Rank 0 has nothing to give, rank 1 one number, and so on.
    const root = round % world.size
    const parts = await world.gatherv(new Float64Array(world.rank).fill(world.rank), root)
    if (world.rank !== root) return
    for (const rank of ranks(world)) same(parts?.[rank], Array(rank).fill(rank))
  }),
  collective('allgather', async world => {
    same(await world.allgather(Int32Array.of(world.rank)), ranks(world))
  }),
  collective('reduce', async (world, round) => {
    const root = round % world.size
    const sum = await world.reduce(Float64Array.of(world.rank, 1), 'sum', root)
    if (world.rank === root) same(sum, [(world.size * (world.size - 1)) / 2, world.size])
  }),
  collective('allreduce', async world => {
    const most = await world.allreduce(BigInt64Array.of(BigInt(world.rank)), 'max')
    const least = await world.allreduce(Float32Array.of(world.rank), 'min')
    same([Number(most[0]), least[0]!], [world.size - 1, 0])
  }),
]

function collective(name: string, call: Call): Check {
  return {
    name,
    async run({ world }) {
      const times: number[] = []
      let took = 0
      // Each root has its turn; then as many as there is time for, by rank 0's clock.
      for (let round = 0; ; round++) {
        const began = performance.now()
        await call(world, round)
        times.push(1000 * (performance.now() - began))
        took += times.at(-1)! / 1000
        const goOn = Int32Array.of(round + 1 < world.size || (round + 1 < ROUNDS && took < MOST_MS) ? 1 : 0)
        await world.bcast(goOn, 0)
        if (goOn[0] === 0) break
      }
      const us = quantile(
        times.sort((a, b) => a - b),
        0.5,
      )
      return { detail: `right; ${microseconds(us)} (median of ${times.length})`, figures: { rounds: times.length, us } }
    },
  }
}

function ranks({ size }: Communicator): number[] {
  return Array.from({ length: size }, (_, rank) => rank)
}

function same(values: ArrayLike<number> | undefined, right: readonly number[]): void {
  const found = values && Array.from(values)
  if (String(found) !== String(right)) throw new Error(`[${found}] came out, and not [${right}]`)
}
