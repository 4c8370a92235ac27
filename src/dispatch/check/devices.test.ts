import { describe, expect, test } from 'vitest'
import { useEmulator } from '../../../test/emulator/emulator.ts'
import { type Communicator, localGroup } from '../../mpi/index.ts'
import { checkRanks } from './check-ranks.ts'
import { DEVICES, GPU_TRANSFER } from './devices.ts'

/** As over an MPI that takes a GPU's memory; an emulated one's lies in this process. */
function aware(world: Communicator): Communicator {
  const split = world.split.bind(world)
  return Object.assign(world, {
    gpuAware: () => 'yes',
    split: async (color: number | undefined) => {
      const part = await split(color)
      return part && aware(part)
    },
  })
}

describe.skipIf(!useEmulator())('on emulated GPUs', () => {
  const check = async (group: readonly Communicator[]) => {
    const [report] = await Promise.all(group.map(world => checkRanks(world, { checks: [DEVICES, GPU_TRANSFER] })))
    return report!.checks.map(({ status, detail }) => `${status}: ${detail.replace(/[\d.]+ [µm]s/, 'TIME')}`)
  }

  test('memory goes from card to card by way of the host', async () => {
    expect(await check(localGroup(2))).toEqual([
      expect.stringMatching(/^ok: rank 0 cuda:0 .+, rank 1 cuda:0 .+$/),
      'ok: 4 MiB, by way of the host, as MPI takes no GPU’s memory, in TIME',
    ])
  })

  test('and straight, where MPI can do that', async () => {
    expect((await check(localGroup(2).map(aware)))[1]).toBe('ok: 4 MiB, straight, in TIME')
  })
})
