import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { useEmulator } from '../../../test/emulator/emulator.ts'
import { TECHNIQUES } from '../../native/index.ts'
import { main } from '../main.ts'
import { testWorld } from '../testing/test-world.ts'

const TINY = fileURLToPath(new URL('../../../test/fixtures/models/llama2', import.meta.url))
const ON_CPU = '--device cpu --threads 1 -n 3 -b 1,2 -r 2'

async function bench(line: string, cwd?: string) {
  const world = testWorld(cwd === undefined ? {} : { cwd })
  const code = await main(['bench', ...line.split(' ')], world)
  return { code, out: world.out(), err: world.err() }
}

it('prints a table', async () => {
  const { code, out, err } = await bench(`engine ${ON_CPU} -p 20 -d 0,16`)
  expect(err).toContain('tg3 @ d16, batch 2: ')
  expect(code).toBe(0)
  const number = String.raw`\d[\d.]*`
  for (const test of ['pp20', 'pp20 @ d16', 'tg3', 'tg3 @ d16']) {
    for (const batch of [1, 2]) expect(out).toMatch(new RegExp(`^  ${test} +${batch} +${number} +${number}`, 'm'))
  }
  expect(out).not.toContain('of the most')
})

it('takes what --config names, if it is no file with options, for the model', async () => {
  const { code, out } = await bench(`engine --config ${TINY} ${ON_CPU} -p 0 --load-format dummy --format csv`)
  expect(code).toBe(0)
  expect(out.split('\n').slice(1, 3)).toEqual([
    expect.stringContaining(`${TINY},f32,f32,,tg3,generate,3,0,1,`),
    expect.stringContaining(`${TINY},f32,f32,,tg3,generate,3,0,2,`),
  ])
})

it('writes JSON to a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'warpline-bench-'))
  try {
    const { code, out } = await bench(`engine ember ${ON_CPU} -p 0 --format json --output run.json`, folder)
    expect([code, out]).toEqual([0, ''])
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({
      machine: { gpu: null, node: process.versions.node },
      backend: 'native/cpu',
      ceilings: null,
      rows: [
        { test: 'tg3', batch: 1, without: [], skipped: null, figures: { steps: 3, kernelsPerStep: null } },
        { test: 'tg3', batch: 2 },
      ],
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('says what an engine has no room for, measures the rest, and fails', async () => {
  const { code, out } = await bench(`engine ember ${ON_CPU} -p 0 --max-sequences 1`)
  expect(code).toBe(1)
  expect(out).toContain('needs 2 sequences, and has 1')
  expect(out).toMatch(/^ {2}tg3 +1 +\d/m)
})

it.each([
  ['engine a b', 'Expected 1 argument but got 2: see warpline bench engine --help'],
  ['engine -p 0 -n 0', 'bench engine: nothing to measure: give --prompt-lengths or --answer-lengths'],
  ['engine mock:', '"mock:" has no engine to look into: name a model’s folder, or a known shape'],
  ['engine llama-9', 'shapes that are known without files: llama-2-7b'],
  ['engine -b 1,none', '--batches: expected a whole number from 1 to 65536, or several like 1,8,32, not "1,none"'],
  ['engine ember --device cpu --ablate', 'there are no techniques to turn off on a CPU: --ablate needs a GPU'],
])('refuses %s', async (line, message) => {
  const { code, err } = await bench(line)
  expect(err).toContain(message)
  expect(code).toBe(2)
})

describe.skipIf(!useEmulator())('on an emulated GPU', () => {
  const onCard = '--load-format dummy --device cuda --gpu-memory 256MiB --token-budget 64 --no-ceilings'

  // Compiles every kernel in every way that it is used.
  it('measures what each technique is worth', { timeout: 180_000 }, async () => {
    const { code, out } = await bench(`engine ${TINY} ${onCard} -p 20 -n 2 -b 2 -r 1 --ablate`)
    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}pp20 .* \d+$/m)
    expect(out).toMatch(/^ {2}tg2 .* \d+ {2}graph$/m)
    for (const technique of [...Object.keys(TECHNIQUES), 'all of them']) {
      expect(out).toMatch(new RegExp(`^  tg2 +2  ${technique} +\\S+ +[\\d.]+ ×$`, 'm'))
    }
  })
})
