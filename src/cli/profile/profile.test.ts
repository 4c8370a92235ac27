import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useEmulator } from '../../../test/emulator/emulator.ts'
import { main } from '../main.ts'
import { testWorld } from '../testing/test-world.ts'
import { nsysCommand } from './nsys.ts'

const TINY = fileURLToPath(new URL('../../../test/fixtures/models/llama2', import.meta.url))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-profile-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function profile(line: string) {
  const world = testWorld({ cwd: folder })
  const code = await main(['profile', ...line.split(' ')], world)
  return { code, out: world.out(), err: world.err() }
}

function phasesIn(file: string): readonly string[] {
  const { traceEvents } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
    traceEvents: { name: string; cat?: string }[]
  }
  return [...new Set(traceEvents.filter(({ cat }) => cat === 'phase').map(({ name }) => name))].sort()
}

it('takes a step on a CPU apart', async () => {
  const line = 'ember --device cpu --threads 1 --batch 2 --depth 16 --prompt-length 20 --steps 3 --trace cpu.json'
  const { code, out, err } = await profile(line)
  expect(err).toContain('cpu.json: open it in https://ui.perfetto.dev')
  expect(code).toBe(0)
  expect(out).toContain('decode, batch 2 @ d16\n')
  expect(out).toContain('prompt of 20\n')
  expect(out).toMatch(/^ {2}linear +\[2, 256\] · \[1408, 256\]ᵀ +7 /m)
  expect(out).toMatch(/^ {2}linear +\[20, 256\] · \[1408, 256\]ᵀ +7 /m)
  expect(out).toMatch(/^ {2}each alone +[\d.]+ µs {2}67 operations$/m)
  expect(out).not.toContain('as a graph')
  expect(phasesIn('cpu.json')).toEqual(['enqueue', 'plan', 'step', 'take', 'tell'])
})

describe.skipIf(!useEmulator())('on an emulated GPU', () => {
  const onCard = '--load-format dummy --device cuda --gpu-memory 256MiB --token-budget 64 --no-ceilings --steps 2'

  it('times every operation, the step as launched, and the graph', async () => {
    const { code, out } = await profile(`${TINY} ${onCard} --batch 2 --prompt-length 20 --nvtx --json --trace gpu.json`)
    expect(code).toBe(0)
    const { steps } = JSON.parse(out) as { steps: { operations: { name: string; ms: number; bytes: number }[] }[] }
    expect(steps).toMatchObject([
      { kind: 'decode', tokens: 2, graphMicroseconds: expect.any(Number), togetherMicroseconds: expect.any(Number) },
      { kind: 'prefill', tokens: 20, graphMicroseconds: null, togetherMicroseconds: expect.any(Number) },
    ])
    for (const { operations } of steps) {
      expect(operations[0]!.name).toBe('embed')
      expect(operations.every(({ ms, bytes }) => ms > 0 && bytes > 0)).toBe(true)
    }
    expect(phasesIn('gpu.json')).toEqual(['enqueue', 'plan', 'stage', 'step', 'take', 'tell'])
  })
})

it('names Nsight’s command line', () => {
  const command = nsysCommand(['/usr/bin/warpline', 'profile', 'ember', '--nsys'], 'node')
  expect(command.join(' ')).toBe(
    'nsys profile --trace=cuda,nvtx,osrt --cuda-graph-trace=node --force-overwrite=true --output=warpline node /usr/bin/warpline profile ember --nvtx',
  )
})
