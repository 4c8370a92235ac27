/** One of two ranks that are measured against each other; rank 0 prints lines of JSON. See ../mpi.ts. */
import { type MpiCommunicator, openMpi } from '../../src/mpi/index.ts'
import { median } from '../report.ts'

const MEBIBYTE = 2 ** 20
const world = await openMpi()
const other = 1 - world.rank

const tell = (what: string, figure: number, unit: string, goal?: string) => {
  if (world.rank === 0) console.log(JSON.stringify({ what, figure, unit, goal }))
}

/** Milliseconds that it takes, in the median: the machine's other work is in the tail. */
async function time(times: number, round: () => Promise<void>): Promise<number> {
  await world.barrier()
  const took: number[] = []
  for (let i = 0; i < times; i++) {
    const from = performance.now()
    await round()
    // Until its code is compiled.
    if (i >= times / 5) took.push(performance.now() - from)
  }
  return median(took)
}

async function pingPong(bytes: number): Promise<void> {
  const [out, into] = [Buffer.alloc(bytes), Buffer.alloc(bytes)]
  const ms = await time(bytes < MEBIBYTE ? 3000 : 100, async () => {
    if (world.rank === 0) {
      await world.send(out, other)
      await world.recv(into)
    } else {
      await world.recv(into)
      await world.send(out, other)
    }
  })
  tell(`there, of ${sizeOf(bytes)}`, (1000 * ms) / 2, 'µs', bytes === 8 ? '≤ 12' : undefined)
  if (bytes >= 65_536) tell(`one after the other, of ${sizeOf(bytes)}`, (2 * bytes) / ms / 1e6, 'GB/s')
}

/** So many in flight, as a sender that does not wait for answers has. */
async function stream(bytes: number, inFlight: number): Promise<void> {
  const room = Array.from({ length: inFlight }, () => Buffer.alloc(bytes))
  const ms = await time(20, async () => {
    await Promise.all(room.map(data => (world.rank === 0 ? world.send(data, other) : world.recv(data))))
  })
  tell(`${inFlight} in flight, of ${sizeOf(bytes)}`, (inFlight * bytes) / ms / 1e6, 'GB/s')
}

async function burst(world: MpiCommunicator): Promise<void> {
  const [batches, inFlight] = [80, 250]
  const data = Buffer.alloc(64)
  const run = async () => {
    for (let i = 0; i < batches; i++) {
      if (world.rank === 0) await Promise.all(Array.from({ length: inFlight }, () => world.send(data, other)))
      else for (let j = 0; j < inFlight; j++) await world.receive()
    }
    // Rank 0 must not be further than what rank 1 has taken.
    await world.barrier()
  }
  // Until its code is compiled.
  for (let i = 0; i < 3; i++) await run()
  const before = process.cpuUsage()
  const from = performance.now()
  await run()
  const seconds = (performance.now() - from) / 1000
  const { user, system } = process.cpuUsage(before)
  const cpu = await world.gather(Float64Array.of((user + system) / (batches * inFlight)))
  tell('a burst of 64 B', (batches * inFlight) / seconds, 'msg/s')
  tell('a burst of 64 B: processor time of the sender, for each', cpu?.[0] ?? 0, 'µs', '≤ 6')
  tell('a burst of 64 B: processor time of the receiver, for each', cpu?.[1] ?? 0, 'µs', '≤ 6')
}

async function allreduce(length: number, name: string): Promise<void> {
  const values = new Float64Array(length).fill(world.rank)
  const ms = await time(length === 1 ? 3000 : 25, async () => void (await world.allreduce(values, 'sum')))
  if (length === 1) tell(`allreduce of ${name}`, 1000 * ms, 'µs')
  else tell(`allreduce of ${name}`, ms, 'ms')
}

/** What a receive costs that nothing comes for. */
async function idle(): Promise<void> {
  const waiting = world.receive().catch(() => {})
  for (const [when, ms, goal] of [
    ['in the first second', 900, '≤ 10'],
    ['later', 3000, '≤ 2'],
  ] as const) {
    const before = process.cpuUsage()
    await new Promise(resolve => setTimeout(resolve, ms))
    const { user, system } = process.cpuUsage(before)
    tell(`of a core, a receive that waits, ${when}`, (user + system) / ms / 10, '%', goal)
    if (when === 'in the first second') await new Promise(resolve => setTimeout(resolve, 500))
  }
  void waiting
}

function sizeOf(bytes: number): string {
  if (bytes >= MEBIBYTE) return `${bytes / MEBIBYTE} MiB`
  return bytes >= 1024 ? `${bytes / 1024} KiB` : `${bytes} B`
}

for (const bytes of [8, 1024, 65_536, MEBIBYTE, 4 * MEBIBYTE]) await pingPong(bytes)
await stream(MEBIBYTE, 16)
await burst(world)
await allreduce(1, '1 number')
await allreduce(MEBIBYTE, '8 MiB')
await idle()
await world.close()
