import { describe, expect, it } from 'vitest'
import { candidates } from './candidates.ts'
import { loadLibrary } from './load-library.ts'
import { openLibrary } from './open-library.ts'
import { abiOf, shortVersion } from './recognise.ts'
import { setUcx } from './ucx-settings.ts'

describe('recognises a library by what it says of itself', () => {
  it.each([
    ['libmpi.so.40', 'Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4', 'Open MPI', 'Open MPI 4.1.4'],
    ['libmpi.so.40', 'Open MPI v5.0.3, package: Open MPI root@x Distribution', 'Open MPI', 'Open MPI 5.0.3'],
    ['libmpich.so.12', 'MPICH Version:\t4.0.2\nMPICH Release date:\tThu Apr  7', 'MPICH', 'MPICH 4.0.2'],
    [
      'libmpi.so.12',
      'Intel(R) MPI Library 2021.11 for Linux* OS\n',
      'MPICH',
      'Intel(R) MPI Library 2021.11 for Linux* OS',
    ],
    ['libmpi.so.12', 'MVAPICH2 Version      :\t2.3.7\n', 'MPICH', 'MVAPICH2 2.3.7'],
    ['libmpi.so.12', 'MPI VERSION    : CRAY MPICH version 8.1.25.17', 'MPICH', undefined],
    ['/opt/lib/libmpi_abi.so.0', 'MPICH Version:\t5.0.0\n', 'MPI standard ABI', 'MPICH 5.0.0'],
    ['libmpi.so', 'Some MPI 1.0', undefined, 'Some MPI 1.0'],
  ])('%s: %j', (file, text, abi, version) => {
    expect(abiOf(file, text)?.name).toBe(abi)
    if (version !== undefined) expect(shortVersion(text)).toBe(version)
  })
})

describe('candidates', () => {
  const filesFor = (
    launcher: 'openmpi' | 'mpich' | 'tcp' | 'none',
    env: NodeJS.ProcessEnv = {},
    links: Readonly<Record<string, string>> = {},
  ) => candidates({ env, launcher, realPath: path => links[path] }).map(({ file }) => file)

  it('are the one that is told, whoever has started the process', () => {
    expect(filesFor('mpich', { WARPLINE_MPI_LIBRARY: '/opt/libmpi.so' })).toEqual(['/opt/libmpi.so'])
  })

  it('are of the launcher’s kind', () => {
    expect(filesFor('openmpi')).toEqual(['libmpi.so.40', 'libmpi.so', 'libmpi_abi.so.0', 'libmpi_abi.so'])
    expect(filesFor('mpich')[0]).toBe('libmpich.so.12')
    expect(filesFor('mpich')).not.toContain('libmpi.so.40')
  })

  it('are all that are known where no launcher has started the process', () => {
    expect(filesFor('none')).toEqual(expect.arrayContaining(['libmpi.so.40', 'libmpich.so.12', 'libmpi_abi.so.0']))
  })

  it('are looked for beside mpirun, and where the installation is named', () => {
    const env = { PATH: '/usr/bin:/opt/ompi/bin', MPI_HOME: '/opt/other' }
    const links = {
      '/opt/ompi/bin/mpirun': '/opt/ompi-5/bin/mpirun',
      '/opt/ompi-5/lib': '/opt/ompi-5/lib',
      '/opt/other/lib64': '/opt/other/lib64',
    }
    expect(filesFor('openmpi', env, links)).toEqual(
      expect.arrayContaining(['/opt/ompi-5/lib/libmpi.so.40', '/opt/other/lib64/libmpi.so.40']),
    )
  })
})

it('says why a library that is told is not to be had', () => {
  expect(() => openLibrary('none', { WARPLINE_MPI_LIBRARY: '/nowhere/libmpi.so' })).toThrowErrorMatchingInlineSnapshot(
    `[MpiError: /nowhere/libmpi.so cannot be loaded: cannot open shared object file: No such file or directory]`,
  )
  // Every Linux has this one, and it is no MPI.
  expect(() => loadLibrary('libc.so.6')).toThrowErrorMatchingInlineSnapshot(
    `[MpiError: libc.so.6 is not an MPI library, or older than MPI 3]`,
  )
})

it('leaves UCX as its user has set it', () => {
  const env: NodeJS.ProcessEnv = { UCX_MEM_EVENTS: 'y' }
  setUcx(env)
  expect(env).toEqual({ UCX_MEM_EVENTS: 'y', UCX_ERROR_SIGNALS: '', UCX_LOG_FILE: 'stderr' })
})
