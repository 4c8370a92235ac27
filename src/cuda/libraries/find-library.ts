import { basename, dirname, isAbsolute, join } from 'node:path'
import type { FileProbe } from './probe.ts'

/**
 * Finds a shared library by any of its file names, those preferred first, where loaders and installers put them; loads
 * nothing.
 */
export type LibraryFinder = (files: readonly string[]) => string | undefined

/** A link to a link to … a Python has been seen; a circle has no end. */
const MOST_LINKS = 8

export function libraryFinder(probe: FileProbe): LibraryFinder {
  const told = paths(probe.env.WARPLINE_CUDA_LIBRARIES)
  const before = paths(probe.env.LD_LIBRARY_PATH)
  const known = loaderCache(probe)
  const after = [...SYSTEM_FOLDERS, ...toolkitFolders(probe), ...wheelFolders(probe)]
  const look = (folders: readonly string[], file: string): string | undefined => {
    for (const folder of folders) {
      const [found] = probe.find(join(folder, file))
      if (found !== undefined) return found
    }
    return undefined
  }
  const lookEverywhere = (file: string): string | undefined => {
    const listed = known.get(file)
    const there = listed !== undefined && probe.find(listed).length > 0
    return look(before, file) ?? (there ? listed : look(after, file))
  }
  return files => first(files, file => look(told, file)) ?? first(files, lookEverywhere)
}

const SYSTEM_FOLDERS = [
  ...['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/local/lib'],
  ...['/usr/local/nvidia/lib64', '/usr/local/nvidia/lib', '/usr/lib/wsl/lib'],
]

/** What the loader knows: /etc/ld.so.cache holds paths as text that zeros end. Those for 32 bits are passed over. */
function loaderCache(probe: FileProbe): ReadonlyMap<string, string> {
  const known = new Map<string, string>()
  for (const [path] of (probe.read('/etc/ld.so.cache') ?? '').matchAll(/\/[\x20-\x7e]+\.so[\x20-\x7e]*/g)) {
    if (!/\/(lib32|i[3-6]86-linux-gnu)\//.test(path) && !known.has(basename(path))) known.set(basename(path), path)
  }
  return known
}

function toolkitFolders({ env }: FileProbe): string[] {
  const roots = [env.CUDA_HOME, env.CUDA_PATH, '/usr/local/cuda', '/usr/local/cuda-*', '/opt/cuda']
  return roots.flatMap(root => (root ? ['lib64', 'lib', 'targets/*/lib'].map(folder => join(root, folder)) : []))
}

/** Where pip puts NVIDIA's wheels: nvidia/cuda_nvrtc/lib, from CUDA 13 on nvidia/cu13/lib. */
function wheelFolders(probe: FileProbe): string[] {
  const { env, home } = probe
  const given = [env.VIRTUAL_ENV, env.CONDA_PREFIX].filter(prefix => prefix !== undefined && prefix !== '')
  const own = [join(home, '.local'), '/usr/local', '/usr']
  const prefixes = [...given, ...pythonPrefixes(probe), ...own, '/opt/*', '/opt/*/.venv']
  return [...new Set(prefixes)].flatMap(prefix =>
    ['site-packages', 'dist-packages'].map(packages => join(prefix!, 'lib/python3*', packages, 'nvidia/*/lib')),
  )
}

/** The folders above bin/ of every python3 on PATH and of what it links to, step by step: one may be an environment. */
function pythonPrefixes(probe: FileProbe): string[] {
  return paths(probe.env.PATH).flatMap(folder => {
    const prefixes: string[] = []
    let [python] = probe.find(join(folder, 'python3'))
    for (let i = 0; python !== undefined && i < MOST_LINKS; i++) {
      prefixes.push(dirname(dirname(python)))
      const target = probe.link(python)
      python = target === undefined || isAbsolute(target) ? target : join(dirname(python), target)
    }
    return prefixes
  })
}

function first(files: readonly string[], look: (file: string) => string | undefined): string | undefined {
  for (const file of files) {
    const found = look(file)
    if (found !== undefined) return found
  }
  return undefined
}

function paths(variable: string | undefined): string[] {
  return (variable ?? '').split(':').filter(Boolean)
}
