import { basename, join } from 'node:path'
import type { Probe } from './probe.ts'

/** Finds a shared library by its name without a version, e.g. `libnvrtc.so`, where loaders and installers put them. */
export async function libraryFinder(probe: Probe): Promise<(name: string) => string | undefined> {
  const cached = (await probe.run('ldconfig', ['-p'])) ?? (await probe.run('/sbin/ldconfig', ['-p'])) ?? ''
  const known = cached.split('\n').flatMap(line => line.split(' => ')[1]?.trim() ?? [])
  const folders = [...loaderFolders(probe), ...toolkitFolders(probe), ...wheelFolders(probe)]
  return name => {
    const isIt = (path: string) => basename(path) === name || basename(path).startsWith(`${name}.`)
    return known.find(isIt) ?? folders.flatMap(folder => probe.find(join(folder, `${name}*`))).find(isIt)
  }
}

function loaderFolders({ env }: Probe): string[] {
  const system = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/local/lib']
  return [...(env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean), ...system]
}

function toolkitFolders({ env }: Probe): string[] {
  const roots = [env.CUDA_HOME, env.CUDA_PATH, '/usr/local/cuda', '/usr/local/cuda-*', '/opt/cuda']
  return roots.flatMap(root => (root ? [join(root, 'lib64'), join(root, 'targets/*/lib')] : []))
}

/** Where pip puts NVIDIA's wheels: nvidia/cuda_nvrtc/lib, from CUDA 13 on nvidia/cu13/lib. */
function wheelFolders({ env, home }: Probe): string[] {
  const prefixes = [env.VIRTUAL_ENV, env.CONDA_PREFIX, join(home, '.local'), '/usr/local', '/usr']
  return prefixes.flatMap(prefix =>
    prefix
      ? ['site-packages', 'dist-packages'].map(packages => join(prefix, 'lib/python3*', packages, 'nvidia/*/lib'))
      : [],
  )
}
