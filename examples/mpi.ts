/**
 * Ranks that speak to each other: each sends to the next, and all add up. Started by itself it is a world of one, for
 * which no MPI need be installed.
 *
 *   npx tsx examples/mpi.ts
 *   mpirun -np 4 node --import tsx examples/mpi.ts
 */
import { openCommunicator } from 'warpline/mpi'

await using world = await openCommunicator()
const { rank, size, library, host } = world
console.log(`rank ${rank} of ${size} on ${host}, by ${library}`)

const next = (rank + 1) % size
const [message] = await Promise.all([world.receive({ tag: 7 }), world.send(Buffer.from(`hello, ${next}`), next, 7)])
console.log(`rank ${rank} was told "${message.data}" by rank ${message.source}`)

const [sum] = await world.allreduce(Int32Array.of(rank + 1), 'sum')
if (rank === 0) console.log(`1 + … + ${size} = ${sum}`)
