import { expect, it } from 'vitest'
import { libraryFinder } from './find-library.ts'
import type { FileProbe } from './probe.ts'

/** A machine of `files` (their texts), `links` and an environment. */
function machine(files: Record<string, string>, env = {}, links: Record<string, string> = {}): FileProbe {
  const names = [...Object.keys(files), ...Object.keys(links)]
  return {
    env,
    home: '/home/me',
    read: path => files[path],
    link: path => links[path],
    find: pattern => {
      const matches = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`)
      return names.filter(path => matches.test(path))
    },
  }
}

const VENV = '/opt/torch/.venv'
const IN_VENV = `${VENV}/lib/python3.12/site-packages/nvidia/cu13/lib/libnvrtc.so.13`

it.each<[string, string, FileProbe]>([
  [
    'the folder that is told, before all',
    '/mine/libnvrtc.so.13',
    machine(
      { '/mine/libnvrtc.so.13': '', '/loader/libnvrtc.so.13': '' },
      { WARPLINE_CUDA_LIBRARIES: '/mine', LD_LIBRARY_PATH: '/loader' },
    ),
  ],
  [
    'LD_LIBRARY_PATH, before the system',
    '/found/libnvrtc.so.13',
    machine({ '/found/libnvrtc.so.13': '', '/usr/lib64/libnvrtc.so.13': '' }, { LD_LIBRARY_PATH: '/other::/found' }),
  ],
  [
    'the loader’s cache, of 64 bits',
    '/odd/lib/libnvrtc.so.13',
    machine({
      '/usr/lib64/libnvrtc.so.13': '',
      '/odd/lib/libnvrtc.so.13': '',
      '/etc/ld.so.cache':
        'glibc-ld.so.cache1.1\0\x01libnvrtc.so.13\0/usr/lib/i386-linux-gnu/libnvrtc.so.13\0libnvrtc.so.13\0/odd/lib/libnvrtc.so.13\0',
    }),
  ],
  [
    'the system, where the loader’s cache is stale',
    '/usr/lib64/libnvrtc.so.13',
    machine({ '/usr/lib64/libnvrtc.so.13': '', '/etc/ld.so.cache': 'libnvrtc.so.13\0/odd/lib/libnvrtc.so.13\0' }),
  ],
  [
    'the toolkit',
    '/usr/local/cuda-13.0/targets/x86_64-linux/lib/libnvrtc.so.13',
    machine({ '/usr/local/cuda-13.0/targets/x86_64-linux/lib/libnvrtc.so.13': '' }),
  ],
  ['CUDA_HOME', '/cuda/lib/libnvrtc.so.13', machine({ '/cuda/lib/libnvrtc.so.13': '' }, { CUDA_HOME: '/cuda' })],
  ['a wheel of an active environment', IN_VENV, machine({ [IN_VENV]: '' }, { VIRTUAL_ENV: VENV })],
  [
    'a wheel of a Python on PATH',
    IN_VENV,
    machine({ [IN_VENV]: '', [`${VENV}/bin/python3`]: '' }, { PATH: `/bin:${VENV}/bin` }),
  ],
  [
    'a wheel of an environment that a link on PATH leads to',
    IN_VENV,
    machine(
      { [IN_VENV]: '', '/usr/bin/python3.12': '' },
      { PATH: '/usr/local/bin' },
      {
        '/usr/local/bin/python3': `${VENV}/bin/python3`,
        [`${VENV}/bin/python3`]: '/usr/bin/python3.12',
      },
    ),
  ],
  ['a wheel of an environment under /opt', IN_VENV, machine({ [IN_VENV]: '' })],
  [
    'a wheel of the user',
    '/home/me/.local/lib/python3.11/site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.13',
    machine({ '/home/me/.local/lib/python3.11/site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.13': '' }),
  ],
])('finds a library in %s', (_, path, probe) => {
  const find = libraryFinder(probe)
  expect(find(['libnvrtc.so.13'])).toBe(path)
  expect(find(['libnvrtc.so.1'])).toBeUndefined()
})

it('prefers the name that comes first, and what is told to all', () => {
  const files = { '/mine/libnvrtc.so.12': '', '/usr/lib/libnvrtc.so.12': '', '/usr/lib64/libnvrtc.so.13': '' }
  const names = ['libnvrtc.so.13', 'libnvrtc.so.12']
  expect(libraryFinder(machine(files))(names)).toBe('/usr/lib64/libnvrtc.so.13')
  expect(libraryFinder(machine(files, { WARPLINE_CUDA_LIBRARIES: '/mine' }))(names)).toBe('/mine/libnvrtc.so.12')
})

it('a circle of links has an end', () => {
  const links = { '/a/python3': '/b/python3', '/b/python3': '/a/python3' }
  expect(libraryFinder(machine({}, { PATH: '/a' }, links))(['libnvrtc.so.13'])).toBeUndefined()
})
