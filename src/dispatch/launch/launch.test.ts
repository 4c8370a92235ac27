import { expect, test } from 'vitest'
import { findMpirun } from './find-mpirun.ts'
import { launchPlan } from './launch-plan.ts'

const request = { ranks: 4, program: ['node', 'cli.js', 'dispatch'], cores: 2, isRoot: true, folder: '/f' }

test('Open MPI lets the others live, and takes more ranks than cores', () => {
  expect(launchPlan({ command: 'mpirun', kind: 'openmpi' }, request)).toEqual({
    command: 'mpirun',
    args: ['--enable-recovery', '--oversubscribe', '-np', '4', 'node', 'cli.js', 'dispatch'],
    env: { WARPLINE_DISPATCH_FOLDER: '/f', OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' },
    drain: 'SIGUSR1',
  })
  const roomy = launchPlan({ command: 'mpirun', kind: 'openmpi' }, { ...request, cores: 4, isRoot: false })
  expect(roomy.args).not.toContain('--oversubscribe')
  expect(Object.keys(roomy.env)).toEqual(['WARPLINE_DISPATCH_FOLDER'])
})

test('MPICH needs a shell between, which ends well whatever ends the rank', () => {
  const { args, drain } = launchPlan({ command: 'mpirun', kind: 'mpich' }, request)
  expect(args.slice(0, 5)).toEqual(['-disable-auto-cleanup', '-np', '4', 'sh', '-c'])
  expect(args.slice(6)).toEqual(['sh', 'node', 'cli.js', 'dispatch'])
  expect(drain).toBe('SIGINT')
})

const installed = (versions: Record<string, string>) => async (command: string) => versions[command]

test('whose mpirun it is, its version says', async () => {
  const both = installed({ mpirun: 'mpirun (Open MPI) 4.1.4', 'mpirun.mpich': 'HYDRA build details:' })
  expect(await findMpirun(undefined, both)).toEqual({ command: 'mpirun', kind: 'openmpi' })
  expect(await findMpirun('mpirun.mpich', both)).toEqual({ command: 'mpirun.mpich', kind: 'mpich' })
  const late = installed({ mpirun: 'some other launcher', mpiexec: 'HYDRA build details:' })
  expect(await findMpirun(undefined, late)).toEqual({ command: 'mpiexec', kind: 'mpich' })
})

test('where there is none, it says what to do', async () => {
  await expect(findMpirun(undefined, installed({}))).rejects.toThrow('apt-get install openmpi-bin')
  await expect(findMpirun('/opt/x', installed({}))).rejects.toThrow('there is no /opt/x')
  await expect(findMpirun('/opt/x', installed({ '/opt/x': 'srun 1' }))).rejects.toThrow('neither Open MPI')
})
