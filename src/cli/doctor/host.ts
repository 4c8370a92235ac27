import { statfs } from 'node:fs/promises'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import type { Finding } from './finding.ts'
import type { Probe } from './probe.ts'

declare const WebAssembly: { validate(module: Uint8Array): boolean }

/** `() -> v128`, a module that only engines with SIMD accept. */
const SIMD_MODULE = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
])

const CPU_FEATURES: readonly (readonly [string, string])[] = [
  ['avx2', 'AVX2'],
  ['avx512f', 'AVX-512'],
  ['avx512_bf16', 'AVX-512 BF16'],
  ['amx_tile', 'AMX'],
]

const GIB = 2 ** 30

export async function hostFindings(probe: Probe, cwd: string): Promise<Finding[]> {
  const add = (name: string, detail: string): Finding => ({
    group: 'machine',
    name,
    status: 'ok',
    needed: true,
    detail,
  })
  const folder = probe.env.WARPLINE_HOME ?? cwd
  return [
    add('Node.js', `${process.versions.node} on ${process.platform}-${process.arch}`),
    add('CPU', describeCpu(probe)),
    simdFinding(),
    add('memory', `${gib(freemem())} of ${gib(totalmem())} free`),
    await diskFinding(folder),
  ]
}

function describeCpu(probe: Probe): string {
  const flags = new Set(/^flags\s*: (.*)$/m.exec(probe.read('/proc/cpuinfo') ?? '')?.[1]?.split(' '))
  const features = CPU_FEATURES.filter(([flag]) => flags.has(flag)).map(([, name]) => name)
  const model = cpus()[0]?.model.trim() || 'unknown model'
  return [model, `${availableParallelism()} cores`, ...features].join(', ')
}

function simdFinding(): Finding {
  const found = { group: 'machine', name: 'WebAssembly SIMD', needed: false } as const
  if (WebAssembly.validate(SIMD_MODULE)) return { ...found, status: 'ok', detail: '128-bit lanes' }
  return {
    ...found,
    status: 'missing',
    detail: 'the CPU engine computes without it, many times slower',
    advice: 'run on a CPU with SSE4.1 or NEON',
  }
}

async function diskFinding(folder: string): Promise<Finding> {
  const found = { group: 'machine', name: 'disk', needed: false } as const
  try {
    const { bavail, bsize } = await statfs(folder)
    return { ...found, status: 'ok', detail: `${gib(bavail * bsize)} free at ${folder}` }
  } catch (error) {
    const advice = 'set WARPLINE_HOME to a folder that exists'
    return { ...found, status: 'broken', detail: `${folder}: ${(error as NodeJS.ErrnoException).code}`, advice }
  }
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`
}
