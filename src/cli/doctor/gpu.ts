import type { Finding } from './finding.ts'
import type { Probe } from './probe.ts'

const LIBRARIES: readonly { name: string; file: string; use: string; advice: string }[] = [
  {
    name: 'CUDA driver library',
    file: 'libcuda.so',
    use: 'computing on a GPU',
    advice: 'it comes with the NVIDIA driver',
  },
  {
    name: 'NVRTC',
    file: 'libnvrtc.so',
    use: 'compiling kernels',
    advice: 'install the CUDA toolkit, or pip install nvidia-cuda-nvrtc',
  },
  {
    name: 'cuBLASLt',
    file: 'libcublasLt.so',
    use: 'matrix products on a GPU',
    advice: 'install the CUDA toolkit, or pip install nvidia-cublas',
  },
  {
    name: 'NCCL',
    file: 'libnccl.so',
    use: 'several GPUs at once',
    advice: 'install libnccl2, or pip install nvidia-nccl-cu13',
  },
  { name: 'NVML', file: 'libnvidia-ml.so', use: 'GPU telemetry', advice: 'it comes with the NVIDIA driver' },
]

/** Looks without loading anything: a broken driver must not take the doctor with it. */
export async function gpuFindings(probe: Probe, library: (name: string) => string | undefined): Promise<Finding[]> {
  return [await gpuFinding(probe), ...LIBRARIES.map(each => libraryFinding(each, library(each.file)))]
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

function libraryFinding(wanted: (typeof LIBRARIES)[number], path: string | undefined): Finding {
  const found = { group: 'gpu', name: wanted.name, needed: false } as const
  if (path) return { ...found, status: 'ok', detail: path }
  return { ...found, status: 'missing', detail: `${wanted.file}, for ${wanted.use}`, advice: wanted.advice }
}
