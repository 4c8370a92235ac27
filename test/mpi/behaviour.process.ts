/** A rank that shows one behaviour of the world that its argument names: `mpirun -np N node behaviour.process.ts NAME`. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MpiError } from '../../src/mpi/errors.ts'
import type { MpiCommunicator } from '../../src/mpi/mpi/mpi-communicator.ts'
import { openMpi } from '../../src/mpi/mpi/open-mpi.ts'
import { Random } from '../../src/statistics/index.ts'

const kindOf = (error: unknown): string => (error instanceof MpiError ? error.kind : String(error))
const wordsOf = (data: Buffer) => new Uint32Array(Uint8Array.from(data).buffer)
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    error => kindOf(error),
  )

const BEHAVIOURS: Readonly<Record<string, (world: MpiCommunicator) => Promise<void>>> = {
  /** Nothing that is pending keeps the world from being closed. */
  async 'pending at close'(world) {
    const pending = [
      outcome(world.receive({ tag: 1 })),
      outcome(world.irecv(Buffer.alloc(8), { tag: 2 }).done),
      outcome(world.probe({ tag: 3 })),
      outcome(world.send(Buffer.alloc(2 ** 22), (world.rank + 1) % world.size, 4)),
      ...(world.rank === 0 ? [outcome(world.barrier()), outcome(world.gatherv(Int32Array.of(1)))] : []),
    ]
    // Until all of it is under way.
    await new Promise(resolve => setImmediate(resolve))
    await world.close()
    console.log(`rank ${world.rank}: ${(await Promise.all(pending)).join(' ')}`)
  },
  /** What another may still receive is sent before the world is closed. */
  async 'send and close'(world) {
    if (world.rank === 1) void world.send(Buffer.alloc(2 ** 22, 7), 0)
    else {
      await new Promise(resolve => setTimeout(resolve, 20))
      const { data } = await world.receive()
      console.log(`${data.length} bytes, the last ${data.at(-1)}`)
    }
    await world.close()
  },
  /** Short ones and long ones take other ways within MPI. */
  async truncation(world) {
    const told: string[] = []
    for (const bytes of [100, 5000, 100_000, 2 ** 22]) {
      const sending = world.send(Buffer.alloc(bytes, 1), 1 - world.rank)
      const room = new Uint8Array(16)
      told.push(await outcome(world.recv(room.subarray(0, 8))))
      await sending
      if (room.some(byte => byte !== 0)) told.push('and wrote where it must not')
      await world.barrier()
    }
    if (world.rank === 0) console.log(told.join(' '))
    await world.close()
  },
  /** All to all at once, by a plan that all ranks make from one seed, with memory collected meanwhile. */
  async 'random traffic'(world) {
    const random = new Random(2024)
    const plan = Array.from({ length: 3000 }, (_, id) => ({
      from: random.int(world.size),
      to: random.int(world.size),
      tag: random.int(3),
      words: 1 + (random.int(20) === 0 ? random.int(40_000) : random.int(30)),
      id,
    }))
    const dataOf = ({ id, words }: { id: number; words: number }) => new Uint32Array(words).fill(id)
    const sending = plan.filter(({ from }) => from === world.rank).map(it => world.send(dataOf(it), it.to, it.tag))
    const mine = plan.filter(({ to }) => to === world.rank)
    // By source and tag, each in the order in which they are sent.
    const receiving = mine.map(async (it, i) => {
      const [match, into] = [{ source: it.from, tag: it.tag }, new Uint32Array(it.words)]
      if (i % 3 === 0) into.set(wordsOf((await world.receive(match)).data))
      else if (i % 3 === 1) await world.recv(into, match)
      else await world.irecv(into, match).done
      return into.length === it.words && into.every(word => word === it.id)
    })
    setFlagsFromString('--expose-gc')
    const collecting = setInterval(runInNewContext('gc'), 1)
    const sums = Array.from({ length: 50 }, () => world.allreduce(Int32Array.of(1), 'sum'))
    const right = (await Promise.all(receiving)).filter(Boolean).length
    await Promise.all(sending)
    const total = await world.allreduce(Int32Array.of(right), 'sum')
    clearInterval(collecting)
    const summed = (await Promise.all(sums)).every(([sum]) => sum === world.size)
    if (world.rank === 0) console.log(`${total[0]} of ${plan.length} are right, sums ${summed ? 'too' : 'are not'}`)
    await world.close()
  },
  async uncaught(world) {
    if (world.rank === 1) setImmediate(() => Promise.reject(new Error('a mistake of rank 1')))
    await world.receive()
  },
  async abort(world) {
    if (world.rank === 1) world.abort(42)
    await world.receive()
  },
  /** Rank 1 never comes: rank 0 leaves alone. */
  async alone(world) {
    if (world.rank === 1) process.kill(process.pid, 'SIGSTOP')
    const pending = outcome(world.receive())
    await world.close({ alone: true })
    console.log(`rank ${world.rank} left alone: ${await pending}`)
    process.on('exit', () => console.log(`rank ${world.rank} has ended`))
    process.exit(0)
  },
  /** V8 finds by a signal what MPI, too, may want to catch. */
  async wasm(world) {
    // (memory 1) (func (export "f") (result i32) i32.const 0x7ffffff0 i32.load)
    const bytes = '0061736d010000000105016000017f030201000503010001070501016600000a0d010b0041f0ffffff072802000b'
    const { instantiate } = Reflect.get(globalThis, 'WebAssembly')
    const { instance } = await instantiate(Buffer.from(bytes, 'hex'))
    try {
      instance.exports.f()
    } catch (error) {
      console.log(String(error))
    }
    await world.close()
  },
  async 'a split that outlives the world'(world) {
    const split = await world.split(0)
    const pending = outcome(split!.receive())
    await world.close()
    const after = [split!.send(Buffer.from('x'), 0), split!.barrier(), split!.split(1), split!.close()]
    console.log(await pending, ...(await Promise.all(after.map(outcome))))
  },
  async 'open twice'(world) {
    console.log((await openMpi()) === world ? 'the same' : 'another')
    await world.close()
    console.log(await outcome(openMpi()))
  },
  async 'gpu aware'(world) {
    console.log(world.gpuAware())
    await world.close()
  },
  /** How much of a core a pending receive takes, once it waits for long. */
  async idle(world) {
    const pending = outcome(world.receive())
    for (const [stage, ms] of [
      ['first second', 1000],
      ['later', 1000],
    ] as const) {
      const before = process.cpuUsage()
      await new Promise(resolve => setTimeout(resolve, ms))
      const { user, system } = process.cpuUsage(before)
      console.log(`${stage} ${((user + system) / 10 / ms).toFixed(2)} %`)
    }
    await world.close()
    await pending
  },
}

try {
  const behaviour = BEHAVIOURS[process.argv[2] ?? '']
  if (!behaviour) throw new Error(`no such behaviour: ${process.argv[2]}`)
  await behaviour(await openMpi())
} catch (error) {
  if (!(error instanceof MpiError)) throw error
  console.log(`${error.kind}: ${error.message}`)
  process.exitCode = 3
}
