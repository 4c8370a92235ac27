import { expect, test } from 'vitest'
import { openCommunicator } from './open-communicator.ts'
import { freeRendezvous } from './testing/tcp-group.ts'

test('a process that nobody launched is a group of its own', async () => {
  await using world = await openCommunicator({ env: {} })
  expect([world.rank, world.size, world.library]).toEqual([0, 1, 'in process'])
  expect([...(await world.allreduce(Int32Array.of(7), 'sum'))]).toEqual([7])
})

test('by the environment, ranks meet over TCP', async () => {
  const env = { WARPLINE_RENDEZVOUS: await freeRendezvous(), WARPLINE_SECRET: 'open sesame', WARPLINE_SIZE: '2' }
  const group = await Promise.all(['0', '1'].map(rank => openCommunicator({ env: { ...env, WARPLINE_RANK: rank } })))
  expect(group.map(({ rank, size, library }) => [rank, size, library])).toEqual([
    [0, 2, 'TCP'],
    [1, 2, 'TCP'],
  ])
  await Promise.all(group.map(world => world.close()))
})

test('a rendezvous without a secret is refused', async () => {
  const env = { WARPLINE_RENDEZVOUS: 'localhost:4100', WARPLINE_RANK: '0', WARPLINE_SIZE: '2' }
  await expect(openCommunicator({ env })).rejects.toThrow(
    'WARPLINE_RENDEZVOUS is set, so WARPLINE_SECRET must be, alike for all',
  )
})
