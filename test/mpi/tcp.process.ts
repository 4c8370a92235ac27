/** A rank over TCP that shows one behaviour: `WARPLINE_RENDEZVOUS=… node tcp.process.ts NAME`. */
import { type Communicator, MpiError, openCommunicator } from '../../src/mpi/index.ts'
import { CONFORMANCE, runConformance } from '../../src/mpi/testing/conformance.ts'

const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    error => (error instanceof MpiError ? error.kind : String(error)),
  )

const BEHAVIOURS: Readonly<Record<string, (world: Communicator) => Promise<void>>> = {
  async conformance(world) {
    let count = 0
    await runConformance(world, {
      timeoutMs: 60_000,
      done: () => {
        count++
      },
    })
    const due = CONFORMANCE.filter(({ ranks = 1 }) => ranks <= world.size).length
    console.log(`rank ${world.rank} of ${world.size}: ${count === due ? 'all' : count} cases`)
    await world.close()
  },
  /** The last rank is killed by whoever looks on. */
  async loss(world) {
    const last = world.size - 1
    if (world.rank === last) {
      console.log('ready')
      await world.receive()
    }
    const [receive, barrier] = await Promise.all([outcome(world.receive({ source: last })), outcome(world.barrier())])
    // The others speak on.
    if (world.rank === 1) await world.send(Buffer.from('still here'), 0)
    const word = world.rank === 0 ? `, ${(await world.receive()).data}` : ''
    await world.close()
    console.log(`rank ${world.rank}: ${receive} ${barrier}${word}`)
  },
  async abort(world) {
    if (world.rank === 1) world.abort(42)
    await world.receive()
  },
  /** Rank 1 stands still for ever: rank 0 leaves alone, with much on its way. */
  async alone(world) {
    if (world.rank === 1) process.kill(process.pid, 'SIGSTOP')
    const sending = outcome(world.send(Buffer.alloc(2 ** 26), 1))
    await world.send(Buffer.alloc(0), 0)
    await world.receive({ source: 0 })
    await world.close({ alone: true })
    console.log(`left alone: ${await sending}`)
  },
}

await BEHAVIOURS[process.argv[2]!]!(await openCommunicator())
