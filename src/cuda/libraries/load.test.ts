import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { CudaUnavailableError } from '../errors.ts'
import { LIBRARIES } from './libraries.ts'
import { filesUpTo, loadLibrary, notFound } from './load.ts'

it('what is missing is named in one line, with what to install', () => {
  const lines = Object.values(LIBRARIES).map(library => notFound(library, library.files))
  expect(lines).toMatchInlineSnapshot(`
    [
      "CUDA driver library (libcuda.so.1), for computing on a GPU, is not found: it comes with the NVIDIA driver",
      "NVRTC (libnvrtc.so.13, libnvrtc.so.12), for compiling kernels, is not found: install the CUDA toolkit, or pip install nvidia-cuda-nvrtc",
      "cuBLASLt (libcublasLt.so.13, libcublasLt.so.12), for matrix products on a GPU, is not found: install the CUDA toolkit, or pip install nvidia-cublas",
      "NCCL (libnccl.so.2), for several GPUs at once, is not found: install libnccl2, or pip install nvidia-nccl-cu13",
      "NVML (libnvidia-ml.so.1), for GPU telemetry, is not found: it comes with the NVIDIA driver",
      "NVTX (libnvtx3interop.so.1, libnvtx3interop.so, libnvToolsExt.so.1), for names of ranges in a profiler, is not found: install the CUDA toolkit",
    ]
  `)
})

it('a library newer than the driver is passed over', () => {
  expect(filesUpTo(LIBRARIES.nvrtc, 12)).toEqual(['libnvrtc.so.12'])
  expect(filesUpTo(LIBRARIES.nvrtc, 13)).toEqual(['libnvrtc.so.13', 'libnvrtc.so.12'])
})

it('a file that is no library is an error of one line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'warpline-libraries-'))
  writeFileSync(join(folder, 'libnvidia-ml.so.1'), 'not a library')
  vi.stubEnv('WARPLINE_CUDA_LIBRARIES', folder)
  try {
    expect(() => loadLibrary('nvml', {})).toThrow(CudaUnavailableError)
    expect(() => loadLibrary('nvml', {})).toThrow(/^NVML \(.*\/libnvidia-ml\.so\.1\) cannot be loaded: .+$/)
  } finally {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  }
})
