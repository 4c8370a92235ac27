/** A foreign library: by which names it goes, what for, and where it comes from. */
export interface Library {
  readonly name: string
  /** File names, those preferred first. */
  readonly files: readonly string[]
  readonly use: string
  readonly advice: string
}

/** NVIDIA's libraries that are used where they are found; none is needed to start. */
export const LIBRARIES = {
  driver: {
    name: 'CUDA driver library',
    files: ['libcuda.so.1'],
    use: 'computing on a GPU',
    advice: 'it comes with the NVIDIA driver',
  },
  nvrtc: {
    name: 'NVRTC',
    files: ['libnvrtc.so.13', 'libnvrtc.so.12'],
    use: 'compiling kernels',
    advice: 'install the CUDA toolkit, or pip install nvidia-cuda-nvrtc',
  },
  cublasLt: {
    name: 'cuBLASLt',
    files: ['libcublasLt.so.13', 'libcublasLt.so.12'],
    use: 'matrix products on a GPU',
    advice: 'install the CUDA toolkit, or pip install nvidia-cublas',
  },
  nccl: {
    name: 'NCCL',
    files: ['libnccl.so.2'],
    use: 'several GPUs at once',
    advice: 'install libnccl2, or pip install nvidia-nccl-cu13',
  },
  nvml: {
    name: 'NVML',
    files: ['libnvidia-ml.so.1'],
    use: 'GPU telemetry',
    advice: 'it comes with the NVIDIA driver',
  },
  nvtx: {
    name: 'NVTX',
    files: ['libnvtx3interop.so.1', 'libnvtx3interop.so', 'libnvToolsExt.so.1'],
    use: 'names of ranges in a profiler',
    advice: 'install the CUDA toolkit',
  },
} as const satisfies Readonly<Record<string, Library>>

export type LibraryName = keyof typeof LIBRARIES
