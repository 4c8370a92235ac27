import { expect, it } from 'vitest'
import { libraryFinder } from '../../cuda/index.ts'
import { openMock } from '../../mock/index.ts'
import { gpuFindings } from './gpu.ts'
import { examine } from './index.ts'
import { mpiFindings } from './mpi.ts'
import { machineProbe, type Probe } from './probe.ts'

/** A machine of `files` and what programs print. */
function machine(files: Record<string, string>, programs: Record<string, string> = {}, env = {}): Probe {
  return {
    env,
    home: '/home/me',
    run: async program => programs[program],
    read: path => files[path],
    link: () => undefined,
    find: pattern => {
      const matches = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`)
      return Object.keys(files).filter(path => matches.test(path))
    },
  }
}

const bare = machine({})

const driver = 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.95.05  Tue Sep 23 10:11:12 UTC 2025\n'

it('says what a machine without a GPU lacks, and that it needs none', async () => {
  const findings = [...(await gpuFindings(bare, libraryFinder(bare))), ...(await mpiFindings(bare, () => undefined))]
  expect(findings.some(({ needed }) => needed)).toBe(false)
  expect(findings.map(({ name, status, advice }) => `${status} ${name}: ${advice}`)).toMatchInlineSnapshot(`
    [
      "missing NVIDIA GPU: nothing to do: the CPU engine needs none; with a GPU, install the NVIDIA driver",
      "missing CUDA driver library: it comes with the NVIDIA driver",
      "missing NVRTC: install the CUDA toolkit, or pip install nvidia-cuda-nvrtc",
      "missing cuBLASLt: install the CUDA toolkit, or pip install nvidia-cublas",
      "missing NCCL: install libnccl2, or pip install nvidia-nccl-cu13",
      "missing NVML: it comes with the NVIDIA driver",
      "missing mpirun: apt install openmpi-bin",
      "missing MPI library: apt install libopenmpi-dev",
    ]
  `)
})

it.each<[string, Probe, string]>([
  [
    'nvidia-smi',
    machine({}, { 'nvidia-smi': 'NVIDIA H200, 143771 MiB, 580.95.05\nNVIDIA H200, 143771 MiB, 580.95.05\n' }),
    'ok 2 × NVIDIA H200, 143771 MiB, driver 580.95.05',
  ],
  [
    'the driver’s files',
    machine({
      '/proc/driver/nvidia/version': driver,
      '/proc/driver/nvidia/gpus/0000:01:00.0/information': 'Model: \t\t NVIDIA L4\nIRQ: 1\n',
    }),
    'ok 1 × NVIDIA L4, driver 580.95.05',
  ],
  [
    'a driver without a GPU',
    machine({ '/proc/driver/nvidia/version': driver }),
    'broken driver 580.95.05 is loaded and shows no GPU',
  ],
])('sees a GPU by %s', async (_, probe, expected) => {
  const [gpu] = await gpuFindings(probe, () => undefined)
  expect(`${gpu?.status} ${gpu?.detail}`).toBe(expected)
})

it('looks at this very machine without a fault', async () => {
  const probe = machineProbe(process.env)
  const findings = await examine(probe, { cwd: process.cwd(), openTarget: async () => openMock('mock:') })
  expect(findings.filter(({ needed, status }) => needed && status !== 'ok')).toEqual([])
  expect(findings.find(({ name }) => name === 'CPU')?.detail).toMatch(/, \d+ cores/)
})

it('a model that cannot be opened is a fault', async () => {
  const openTarget = () => Promise.reject(new Error('model.safetensors is damaged'))
  const findings = await examine(bare, { cwd: process.cwd(), openTarget })
  expect(findings.find(({ group }) => group === 'model')).toMatchObject({
    status: 'broken',
    needed: true,
    detail: 'model.safetensors is damaged',
  })
})
