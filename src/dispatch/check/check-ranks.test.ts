import { expect, test } from 'vitest'
import { localGroup } from '../../mpi/index.ts'
import type { Check } from './check.ts'
import { type CheckRanksOptions, checkRanks } from './check-ranks.ts'
import type { Gpus } from './gpus.ts'
import { rankList } from './text.ts'

const NO_GPUS: Gpus = {
  names: [],
  why: 'no GPU here',
  open: () => {
    throw new Error('there is none')
  },
}

/** Cards whose memory is the host's. */
function pretended(count: number, spoil = false): Gpus {
  return {
    names: Array(count).fill('Pretended GPU'),
    why: '',
    open: (_, bytes) => {
      const memory = new Uint8Array(bytes)
      return {
        memory,
        write: data => memory.set(data),
        read: () => {
          if (spoil) memory[1000] = 7
          return memory.slice()
        },
        [Symbol.dispose]: () => {},
      }
    },
  }
}

async function report(size: number, options: CheckRanksOptions = {}) {
  const group = localGroup(size)
  const reports = await Promise.all(group.map(world => checkRanks(world, { gpus: NO_GPUS, ...options })))
  expect(reports.slice(1)).toEqual(Array(size - 1).fill(undefined))
  return reports[0]!
}

test.each([1, 2, 3])('%i ranks in one process are as they should be', async size => {
  const { ok, ranks, hosts, library, checks } = await report(size)
  expect({ ok, ranks, library }).toEqual({ ok: true, ranks: size, library: 'in process' })
  expect(hosts).toEqual([{ host: expect.any(String), ranks: Array.from({ length: size }, (_, rank) => rank) }])
  const status = Object.fromEntries(checks.map(({ name, status }) => [name, status]))
  const ofTwo = size === 1 ? 'not-run' : 'ok'
  expect(status).toEqual({
    library: 'ok',
    hosts: 'ok',
    'send, receive': 'ok',
    latency: ofTwo,
    bandwidth: ofTwo,
    barrier: 'ok',
    bcast: 'ok',
    gather: 'ok',
    gatherv: 'ok',
    allgather: 'ok',
    reduce: 'ok',
    allreduce: 'ok',
    'GPU of each rank': 'not-run',
    'GPU to GPU': 'not-run',
  })
  expect(checks.at(-1)!.detail).toBe('no GPU here')
})

test('ranks of a host take its cards in turn, and pass memory from card to card', async () => {
  const { checks } = await report(3, { gpus: pretended(2) })
  const [devices, transfer] = checks.slice(-2)
  expect(devices!.detail).toBe('rank 0 cuda:0 Pretended GPU, rank 1 cuda:1 Pretended GPU, rank 2 cuda:0 Pretended GPU')
  expect(transfer!.status).toBe('ok')
  expect(transfer!.detail).toMatch(/^4 MiB, by way of the host, as MPI takes no GPU’s memory, in /)
})

test('a card that changes a byte is found out, by each rank', async () => {
  const { ok, checks } = await report(2, { gpus: pretended(1, true) })
  expect(ok).toBe(false)
  expect(checks.at(-1)!.detail).toMatchInlineSnapshot(
    `"rank 0: byte 1000 of what rank 1 sent is another on the GPU; rank 1: byte 1000 of what rank 0 sent is another on the GPU"`,
  )
})

test('a check that fails at one rank, or that not all come to, takes no other with it', async () => {
  const picky: Check = {
    name: 'picky',
    run: async ({ world }) => {
      if (world.rank === 1) throw new Error('I do not like it')
      await world.barrier()
      return { detail: 'never' }
    },
  }
  const fine: Check = { name: 'fine', run: async ({ world }) => ({ detail: `${world.size} ranks` }) }
  const { ok, checks } = await report(3, { checks: [picky, fine], timeoutMs: 100 })
  expect(ok).toBe(false)
  expect(checks).toEqual([
    {
      name: 'picky',
      status: 'failed',
      detail: 'rank 0: no answer in 0.1 s; rank 1: I do not like it; rank 2: no answer in 0.1 s',
    },
    { name: 'fine', status: 'ok', detail: '3 ranks' },
  ])
})

test('a rank that is gone is not waited for', async () => {
  const group = localGroup(2)
  const deadly: Check = {
    name: 'deadly',
    run: async () => {
      group.kill(1)
      return { detail: 'still here' }
    },
  }
  const checking = group.map(world => checkRanks(world, { gpus: NO_GPUS, checks: [deadly, deadly], timeoutMs: 50 }))
  const [first] = await Promise.all(checking)
  expect(first!.ok).toBe(false)
  expect(first!.checks.map(({ status, detail }) => [status, detail])).toEqual([
    ['failed', 'not all ranks answer'],
    ['not-run', 'not all ranks answer'],
  ])
})

test.each([
  [[0], '0'],
  [[0, 1], '0 and 1'],
  [[0, 1, 2, 3], '0 to 3'],
  [[0, 2, 5], '0, 2 and 5'],
])('ranks %o are called %s', (ranks, text) => {
  expect(rankList(ranks)).toBe(text)
})
