import { quantile } from '../../statistics/index.ts'
import type { Check, CheckContext } from './check.ts'
import { microseconds } from './text.ts'

const WARM_UP = 50
const MOST_ROUNDS = 2000
const MOST_MS = 300
const SMALL = 8
const LARGE = 4 * 2 ** 20

/** What began all: one number, from each rank to the next, until it is back. */
export const SEND_RECEIVE: Check = {
  name: 'send, receive',
  async run({ world }) {
    const { rank, size } = world
    const room = new Int32Array(1)
    const began = performance.now()
    if (rank === 0) {
      const sent = world.isend(Int32Array.of(42), 1 % size, 42)
      await world.recv(room, { source: size - 1, tag: 42 })
      await sent.done
    } else {
      await world.recv(room, { source: rank - 1, tag: 42 })
      await world.send(room, (rank + 1) % size, 42)
    }
    if (room[0] !== 42) throw new Error(`42 was sent, and ${room[0]} came`)
    const us = 1000 * (performance.now() - began)
    const way = size === 1 ? 'from a rank to itself' : `round ${size} ranks`
    return { detail: `42 went ${way} in ${microseconds(us)}`, figures: { us } }
  },
}

export const PING_PONG: Check = {
  name: 'latency',
  run: context =>
    withEach(context, async (peer, first) => {
      const times = await pingPong(context, peer, SMALL)
      const [p50, p99] = [0.5, 0.99].map(q => quantile(times, q) / 2)
      return {
        detail: `${SMALL} bytes ${first ? 'one way ' : ''}in ${microseconds(p50!)} (median; p99 ${microseconds(p99!)})`,
        figures: { bytes: SMALL, rounds: times.length, p50Us: p50, p99Us: p99 },
      }
    }),
}

export const BANDWIDTH: Check = {
  name: 'bandwidth',
  run: context =>
    withEach(context, async peer => {
      const times = await pingPong(context, peer, LARGE)
      const gigabytesPerSecond = LARGE / (1000 * (quantile(times, 0.5) / 2))
      return {
        detail: `4 MiB at ${gigabytesPerSecond.toPrecision(3)} GB/s`,
        figures: { bytes: LARGE, rounds: times.length, gigabytesPerSecond },
      }
    }),
}

interface Measured {
  readonly detail: string
  readonly figures: object
}

/** Between rank 0 and the first other one of its host, and the first of another host, as far as there are such. */
async function withEach(
  { world, places }: CheckContext,
  measure: (peer: number, first: boolean) => Promise<Measured>,
): Promise<{ detail: string; figures: object } | { notRun: string }> {
  if (world.size === 1) return { notRun: 'it takes two ranks' }
  const near = places.find(({ rank, host }) => rank > 0 && host === places[0]!.host)
  const far = places.find(({ host }) => host !== places[0]!.host)
  const peers = [near, far].filter(place => place !== undefined)
  const measured: { readonly detail: string; readonly figures: object }[] = []
  for (const [i, { rank, host }] of peers.entries()) {
    if (world.rank !== 0 && world.rank !== rank) continue
    const { detail, figures } = await measure(rank, i === 0)
    const where = host === places[0]!.host ? 'on the same host' : `on ${host}`
    measured.push({ detail: `${detail}, to rank ${rank} ${where}`, figures: { peer: rank, host, ...figures } })
  }
  return { detail: measured.map(({ detail }) => detail).join('; '), figures: measured.map(({ figures }) => figures) }
}

/** Times of there and back, in µs, ascending, at rank 0; its first byte says whether there is another round. */
async function pingPong({ world }: CheckContext, peer: number, bytes: number): Promise<number[]> {
  const data = new Uint8Array(bytes)
  const room = new Uint8Array(bytes)
  if (world.rank !== 0) {
    do {
      await world.recv(room, { source: 0 })
      await world.send(room, 0)
    } while (room[0] === 1)
    return []
  }
  const times: number[] = []
  const end = performance.now() + MOST_MS
  for (let round = 0; ; round++) {
    const isLast = round >= WARM_UP + MOST_ROUNDS || (performance.now() > end && times.length > 0)
    data[0] = isLast ? 0 : 1
    data[bytes - 1] = round & 0xff
    const began = performance.now()
    const sent = world.isend(data, peer)
    await world.recv(room, { source: peer })
    const us = 1000 * (performance.now() - began)
    await sent.done
    if (room[0] !== data[0] || room[bytes - 1] !== data[bytes - 1])
      throw new Error('other bytes came back than were sent')
    if (round >= WARM_UP || performance.now() > end - MOST_MS / 2) times.push(us)
    if (isLast) return times.sort((a, b) => a - b)
  }
}
