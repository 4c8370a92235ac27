import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { root } from './process.ts'

// They are plain JavaScript without types: nothing is installed yet when they run.
const { installError, isInstalled, isOlder } = await import(join(root, 'scripts/install.mjs'))
const { installCommands, missingMpis } = await import(join(root, 'scripts/mpi.mjs'))

it.each([
  ['20.19.0', false],
  ['20.18.9', true],
  ['18.20.0', true],
  ['22.0.0', false],
])('Node %s is too old: %s', (version, tooOld) => {
  expect(isOlder(version, '20.19')).toBe(tooOld)
})

it('says in one line why npm ci failed', () => {
  const said = [
    'npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error network request failed',
    'npm error code ENOSPC\nnpm error nospc There appears to be insufficient space',
    'npm error code EUSAGE\nnpm error\nnpm error package.json and package-lock.json are not in sync\nnpm error Missing: x',
    '',
  ].map(installError)
  expect(said.join('\n')).toMatchInlineSnapshot(`
    "the npm registry cannot be reached: go online once and run this again, or bring node_modules along
    no space left on the disk for node_modules (about 340 MB)
    npm ci failed (package.json and package-lock.json are not in sync): run npm ci to see all of it
    npm ci failed (no reason given): run npm ci to see all of it"
  `)
})

describe('isInstalled', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warpline-install-'))
    await mkdir(join(folder, 'node_modules/a'), { recursive: true })
  })
  afterEach(() => rm(folder, { recursive: true }))

  const lock = (path: string, packages: object) => writeFile(join(folder, path), JSON.stringify({ packages }))
  const wanted = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '1.0.0', optional: true },
  }

  it.each([
    ['all is there but what the platform left out', { 'node_modules/a': { version: '1.0.0' } }, true],
    ['another version is there', { 'node_modules/a': { version: '0.9.0' } }, false],
    ['nothing is there', {}, false],
  ])('%s', async (_, found, expected) => {
    await lock('package-lock.json', wanted)
    await lock('node_modules/.package-lock.json', found)
    expect(isInstalled(folder)).toBe(expected)
  })

  it('node_modules was emptied behind the lock’s back', async () => {
    await lock('package-lock.json', wanted)
    await lock('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } })
    await rm(join(folder, 'node_modules/a'), { recursive: true })
    expect(isInstalled(folder)).toBe(false)
  })
})

describe('MPI for its tests', () => {
  const OPEN_MPI = 'mpirun (Open MPI) 4.1.4'
  const HYDRA = 'HYDRA build details:\n    Version: 4.0.2'
  const rootOnDebian = { isRoot: true, hasApt: true }

  it.each([
    ['both are there', { 'mpirun.openmpi': OPEN_MPI, 'mpirun.mpich': HYDRA }, []],
    ['the plain launcher is one’s', { mpirun: HYDRA }, ['openmpi-bin']],
    ['nothing is there', {}, ['openmpi-bin', 'mpich']],
  ])('what is missing where %s', (_, versions: Readonly<Record<string, string>>, packages) => {
    const missing = missingMpis((launcher: string) => versions[launcher] ?? '')
    expect(missing.map(({ debian }: { debian: string }) => debian)).toEqual(packages)
  })

  it.each([
    ['one is missing', ['mpich'], rootOnDebian, 'install -y -qq --no-install-recommends'],
    ['none is', [], rootOnDebian, undefined],
    ['one is not root', ['mpich'], { ...rootOnDebian, isRoot: false }, undefined],
    ['there is no apt-get', ['mpich'], { ...rootOnDebian, hasApt: false }, undefined],
  ])('is installed without a question where %s', (_, packages, machine, said) => {
    const commands: string[][] = installCommands(
      packages.map(debian => ({ debian })),
      machine,
    )
    expect(commands.length).toBe(said ? 2 : 0)
    if (said) expect(commands[1]!.join(' ')).toMatch(new RegExp(`^apt-get ${said} .* mpich$`))
  })
})
