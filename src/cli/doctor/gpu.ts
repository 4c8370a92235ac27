import { LIBRARIES, type Library, type LibraryFinder } from '../../cuda/index.ts'
import type { Finding } from './finding.ts'
import type { Probe } from './probe.ts'

/** In the order of how much is missing without them; ranges of a profiler are not worth a line. */
const SHOWN = [LIBRARIES.driver, LIBRARIES.nvrtc, LIBRARIES.cublasLt, LIBRARIES.nccl, LIBRARIES.nvml]

/** Looks without loading anything: a broken driver must not take the doctor with it. */
export async function gpuFindings(probe: Probe, find: LibraryFinder): Promise<Finding[]> {
  return [await gpuFinding(probe), ...SHOWN.map(each => libraryFinding(each, find))]
}

async function gpuFinding(probe: Probe): Promise<Finding> {
  const found = { group: 'gpu', name: 'NVIDIA GPU', needed: false } as const
  const driver = /Kernel Module.*?\s(\d+\.\d+(?:\.\d+)?)\s/.exec(probe.read('/proc/driver/nvidia/version') ?? '')?.[1]
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader']
  const gpus = (await probe.run('nvidia-smi', query))?.trim().split('\n').filter(Boolean) ?? []
  if (gpus.length > 0) {
    const [name, memory, version] = gpus[0]!.split(', ')
    return { ...found, status: 'ok', detail: `${gpus.length} × ${name}, ${memory}, driver ${version}` }
  }
  const listed = probe.find('/proc/driver/nvidia/gpus/*/information')
  if (driver && listed.length > 0) {
    const models = listed.map(path => /^Model:\s*(.*)$/m.exec(probe.read(path) ?? '')?.[1] ?? 'unknown')
    return { ...found, status: 'ok', detail: `${models.length} × ${models[0]}, driver ${driver}` }
  }
  if (driver) {
    const advice = 'see what nvidia-smi and dmesg say; in a container, pass the GPUs in (--gpus all)'
    return { ...found, status: 'broken', detail: `driver ${driver} is loaded and shows no GPU`, advice }
  }
  const advice = 'nothing to do: the CPU engine needs none; with a GPU, install the NVIDIA driver'
  return { ...found, status: 'missing', detail: 'no driver is loaded', advice }
}

function libraryFinding({ name, files, use, advice }: Library, find: LibraryFinder): Finding {
  const found = { group: 'gpu', name, needed: false } as const
  const path = find(files)
  if (path) return { ...found, status: 'ok', detail: path }
  return { ...found, status: 'missing', detail: `${files.join(', ')}, for ${use}`, advice }
}
