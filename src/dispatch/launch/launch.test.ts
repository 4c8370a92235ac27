import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findMpirun } from './find-mpirun.ts'
import { launch } from './launch.ts'
import { launchPlan } from './launch-plan.ts'
import { Word } from './word.ts'

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

test('what mpirun prints is not among what rank 0 does', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'warpline-mpirun-'))
  const mpirun = join(folder, 'mpirun')
  const lines = [
    '#!/bin/sh',
    '[ "$1" = --version ] && echo "HYDRA build details:" && exit',
    'echo a word at its start',
    'printf "{\\n}\\n" >>"$WARPLINE_DISPATCH_FOLDER/printed"',
    'echo 1 >"$WARPLINE_DISPATCH_FOLDER/code"',
    'echo "a word at its end"',
  ]
  writeFileSync(mpirun, lines.join('\n'))
  chmodSync(mpirun, 0o755)
  let printed = ''
  try {
    const onPrint = (text: string) => {
      printed += text
    }
    expect(await launch({ ranks: 1, program: ['true'], mpirun, onStop: () => {}, onPrint })).toBe(1)
    expect(printed).toBe('{\n}\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what is printed is handed on once, line by line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'warpline-word-'))
  try {
    const rank = new Word(folder)
    const launcher = new Word(folder)
    expect(launcher.takePrinted()).toBe('')
    rank.print('é\n')
    rank.print('half')
    expect(launcher.takePrinted()).toBe('é\n')
    expect(launcher.takePrinted()).toBe('')
    rank.print(' a line\n')
    expect(launcher.takePrinted()).toBe('half a line\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
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
