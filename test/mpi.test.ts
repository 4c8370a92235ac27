import { beforeEach, describe, expect, it } from 'vitest'
import { launcherFor, MPIS, mpirun, startMpi } from './mpi/mpirun.ts'

describe.each(MPIS)('%s', mpi => {
  beforeEach(({ skip }) => {
    if (launcherFor(mpi) === undefined) skip(`${mpi} is not installed`)
  })

  const behaviour = (name: string, job: { ranks?: number; env?: NodeJS.ProcessEnv } = {}) =>
    mpirun({ mpi, ranks: 2, program: 'test/mpi/behaviour.process.ts', args: [name], ...job })
  const linesOf = (text: string) => text.split('\n').filter(Boolean).sort()

  it.each([1, 2, 3, 4])('keeps the contract on %i ranks', async ranks => {
    const { code, stdout, stderr } = await mpirun({ mpi, ranks, program: 'test/mpi/conformance.process.ts' })
    expect(`${stdout}${stderr}`).not.toContain('✗')
    expect(stdout).toMatch(new RegExp(`${mpi} [\\d.]+: 0 failed on ${ranks} ranks`))
    expect(code).toBe(0)
  })

  it('gives up what is pending when the world is closed', async () => {
    const { code, stdout } = await behaviour('pending at close')
    expect(linesOf(stdout)).toEqual([
      'rank 0: cancelled cancelled cancelled cancelled cancelled cancelled',
      'rank 1: cancelled cancelled cancelled cancelled',
    ])
    expect(code).toBe(0)
  })

  it('sends what another still receives before the world is closed', async () => {
    const { code, stdout } = await behaviour('send and close')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '4194304 bytes, the last 7\n' })
  })

  it('refuses messages that are too long, short and long ones', async () => {
    const { code, stdout } = await behaviour('truncation')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'truncated truncated truncated truncated\n' })
  })

  it('brings all of random traffic there, in order, while memory is collected', async () => {
    const { code, stdout } = await behaviour('random traffic', { ranks: 3 })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '3000 of 3000 are right, sums too\n' })
  })

  it('ends all ranks with one that fails', async () => {
    const { code, stderr } = await behaviour('uncaught')
    expect(stderr).toContain('a mistake of rank 1')
    expect(code).not.toBe(0)
  })

  it('ends all ranks by abort, with its code', async () => {
    expect((await behaviour('abort')).code).toBe(42)
  })

  it('lets a rank leave where others will not come', async () => {
    await using job = startMpi({ mpi, ranks: 2, program: 'test/mpi/behaviour.process.ts', args: ['alone'] })
    await job.seen('rank 0 left alone: cancelled')
    await job.seen('rank 0 has ended')
  })

  it('ends all groups with the world', async () => {
    const { code, stdout } = await behaviour('a split that outlives the world', { ranks: 1 })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'cancelled closed closed closed done\n' })
  })

  it('starts once a process', async () => {
    const { code, stdout } = await behaviour('open twice', { ranks: 1 })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'the same\nclosed\n' })
  })

  it('says whether it takes memory of GPUs', async () => {
    const { stdout } = await behaviour('gpu aware', { ranks: 1 })
    expect(stdout).toMatch(/^(yes|no|unknown)\n$/)
  })

  it('leaves WebAssembly’s own errors to WebAssembly', async () => {
    const { code, stdout } = await behaviour('wasm', { ranks: 1 })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'RuntimeError: memory access out of bounds\n' })
  })

  it('takes next to nothing of a core while a receive waits for long', async () => {
    const { stdout } = await behaviour('idle', { ranks: 1 })
    const [, share = '100'] = /later ([\d.]+) %/.exec(stdout) ?? []
    // Of 1 % or so where nothing else runs; a spinning one takes 100.
    expect(Number(share)).toBeLessThan(10)
  })

  it('says that its launcher is another MPI’s', async ({ skip }) => {
    const other = mpi === 'MPICH' ? 'Open MPI' : 'MPICH'
    if (launcherFor(other) === undefined) skip(`${other} is not installed`)
    const library = other === 'MPICH' ? 'libmpich.so.12' : 'libmpi.so.40'
    const { code, stdout } = await behaviour('idle', { env: { WARPLINE_MPI_LIBRARY: library } })
    expect(stdout).toMatch(
      new RegExp(`unavailable: ${other} [\\d.]+ finds itself alone, where the launcher has started 2 processes`),
    )
    expect(code).not.toBe(0)
  })
})
