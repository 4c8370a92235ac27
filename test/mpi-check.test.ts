import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openTcp } from '../src/mpi/index.ts'
import { emulator } from './emulator/emulator.ts'
import { launcherFor, MPIS } from './mpi/mpirun.ts'
import { startTcp, tcpEnvironments } from './mpi/tcp-ranks.ts'
import { cli, type Ended, run, warpline } from './process.ts'

/** Open MPI refuses root otherwise, and more ranks than cores; and it gives ranks a terminal. */
const OPEN_MPI = {
  OMPI_ALLOW_RUN_AS_ROOT: '1',
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
  OMPI_MCA_rmaps_base_oversubscribe: '1',
  NO_COLOR: '1',
}

/** The names of checks by how they ended. */
function results({ stdout }: Ended): { readonly ok: string[]; readonly failed: string[]; readonly notRun: string[] } {
  const marked = (mark: string) => stdout.split('\n').flatMap(line => line.match(`^  ${mark} (.*?)  `)?.[1] ?? [])
  return { ok: marked('✓'), failed: marked('✗'), notRun: marked('–') }
}

const ALL = [
  ...['library', 'hosts', 'send, receive', 'latency', 'bandwidth'],
  ...['barrier', 'bcast', 'gather', 'gatherv', 'allgather', 'reduce', 'allreduce'],
]

describe.each(MPIS)('warpline mpi check under %s', mpi => {
  let mpirun = ''
  beforeEach(({ skip }) => {
    mpirun = launcherFor(mpi) ?? skip(`${mpi} is not installed`)
  })

  it('says that all is well, once', async () => {
    const ended = await run(mpirun, ['-np', '3', process.execPath, cli, 'mpi', 'check'], { env: OPEN_MPI })
    const { ok, failed } = results(ended)
    expect(failed).toEqual([])
    expect(ok.slice(0, ALL.length)).toEqual(ALL)
    expect(ended.stdout).toMatch(new RegExp(`^${mpi} [\\d.]+, 3 ranks\n`))
    expect(ended.stdout).toMatch(/✓ hosts {13}\S+: ranks 0 to 2\n/)
    expect(ended.code).toBe(0)
  })

  it('gives ranks the cards of their host in turn, and passes memory from card to card', async ({ skip }) => {
    const { directory } = emulator() ?? skip('the emulated GPU needs g++')
    const env = { ...OPEN_MPI, WARPLINE_CUDA_LIBRARIES: directory, WARPLINE_EMULATED_GPUS: '2' }
    const ended = await run(mpirun, ['-np', '3', process.execPath, cli, 'mpi', 'check'], { env })
    const { failed, notRun } = results(ended)
    expect({ failed, notRun }).toEqual({ failed: [], notRun: [] })
    expect(ended.stdout).toMatch(/✓ GPU of each rank {2}rank 0 cuda:0 .*, rank 1 cuda:1 .*, rank 2 cuda:0 /)
    expect(ended.stdout).toMatch(/✓ GPU to GPU {8}4 MiB, by way of the host/)
    expect(ended.code).toBe(0)
  })

  it('starts its ranks itself', async () => {
    const ended = await run(process.execPath, [cli, 'mpi', 'check', '--ranks', '2', '--mpirun', mpirun, '--json'])
    const report = JSON.parse(ended.stdout)
    expect(report).toMatchObject({ ranks: 2, ok: true })
    expect(report.library).toContain(mpi)
    expect(report.checks.find(({ name }: { name: string }) => name === 'latency').figures).toEqual([
      expect.objectContaining({ peer: 1, bytes: 8, p50Us: expect.any(Number) }),
    ])
    expect(ended.code).toBe(0)
  })
})

describe('warpline mpi check over TCP', () => {
  it('says that all is well', async () => {
    const ranks = await startTcp(2, [cli, 'mpi', 'check'])
    const [first, second] = await Promise.all(ranks.map(({ ended }) => ended))
    expect(results(first!).failed).toEqual([])
    expect(results(first!).ok.slice(0, ALL.length)).toEqual(ALL)
    expect(first!.stdout).toMatch(/^TCP, 2 ranks\n/)
    expect([first!.code, second!.code, second!.stdout]).toEqual([0, 0, ''])
  })

  it('names a rank that is lost, and fails', async () => {
    const [own, others] = await tcpEnvironments(2)
    await using lead = warpline(['mpi', 'check'], { env: own! })
    const { WARPLINE_RENDEZVOUS: rendezvous, WARPLINE_SECRET: secret } = others!
    const other = await openTcp({ rank: 1, size: 2, rendezvous: rendezvous!, secret: secret! })
    onTestFinished(() => other.close({ alone: true }))
    // It says where it is, as all do first, and is gone.
    await other.allgather(new Uint8Array(256).fill(0x61, 0, 4))
    await other.close({ alone: true })
    const { code, stdout } = await lead.ended
    expect(stdout).toContain(
      '✗ library           rank 0: rank 1 is lost: it closed its connection; not all ranks answer',
    )
    expect(stdout).toMatch(/– allreduce {9}not run: not all ranks answer\n/)
    expect(code).toBe(1)
  })
})
