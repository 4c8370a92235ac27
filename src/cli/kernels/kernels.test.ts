import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useEmulator } from '../../../test/emulator/emulator.ts'
import { KIT } from '../../kit/index.ts'
import { main } from '../main.ts'
import { testWorld } from '../testing/test-world.ts'

async function kernels(line: string, more: readonly string[] = [], cwd?: string) {
  const world = testWorld(cwd === undefined ? {} : { cwd })
  const code = await main(['kernels', ...line.split(' ').filter(Boolean), ...more], world)
  return { code, out: world.out(), err: world.err() }
}

it('lists the kit', async () => {
  const { code, out } = await kernels('list')
  expect(code).toBe(0)
  for (const { name } of KIT) expect(out).toContain(`  ${name} `)
  expect(JSON.parse((await kernels('list softmax --json')).out)).toMatchObject([
    { name: 'softmax', file: 'softmax.cu', limit: 'memory' },
  ])
})

it.each([
  ['lits', 'kernels: "lits" is none of list, check, bench, run: see warpline kernels --help'],
  ['check matmul-tild', 'the kit has no kernel "matmul-tild" (did you mean matmul-tiled?); warpline kernels list'],
  ['run', 'kernels run: name one file, e.g. mine.cu'],
  ['run gone.cu', 'gone.cu cannot be read (ENOENT)'],
  ['run x.cu --grid 0', '--grid: expected a size such as 256 or 16x16, not "0"'],
])('%s', async (line, message) => {
  const { code, err } = await kernels(line)
  expect(code).toBe(2)
  expect(err).toContain(message)
})

describe.skipIf(!useEmulator())('on an emulated GPU', () => {
  let folder: string
  const home = process.env.WARPLINE_HOME
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'warpline-kernels-'))
    process.env.WARPLINE_HOME = folder
  })
  afterAll(() => {
    if (home === undefined) delete process.env.WARPLINE_HOME
    else process.env.WARPLINE_HOME = home
    rmSync(folder, { recursive: true })
  })

  it('checks what is named', async () => {
    const { code, out } = await kernels('check vectorAdd relu --seed 5')
    expect(code).toBe(0)
    expect(out).toContain('all 6 results are right')
    const report = JSON.parse((await kernels('check relu --json')).out)
    expect(report).toMatchObject({ ok: true, results: [{ name: 'relu' }, { name: 'relu' }, { name: 'relu' }] })
  })

  it('runs a kernel of one’s own', async () => {
    const source = '__global__ void fill(float* x, int n, float v) { if (threadIdx.x < n) x[threadIdx.x] = v; }'
    writeFileSync(join(folder, 'mine.cu'), source)
    const args = ['--args', 'f32[4]=0 i32=3 f32=2.5']
    const { code, out } = await kernels('run mine.cu --block 32', args, folder)
    expect([code, out]).toEqual([0, expect.stringContaining('2.5, 2.5, 2.5, 0')])
    expect(JSON.parse((await kernels('run mine.cu --json', args, folder)).out)).toMatchObject({
      kernel: 'fill',
      buffers: [{ first: [2.5, 2.5, 2.5, 0] }],
    })
  })

  it('says where a kernel does not compile', async () => {
    writeFileSync(join(folder, 'broken.cu'), '__global__ void broken(float* x) { x[0] = nothing; }')
    const { code, err } = await kernels('run broken.cu', ['--args', 'f32[1]'], folder)
    expect(code).toBe(1)
    expect(err).toContain('broken.cu does not compile')
  })
})
