import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toJson } from '../../bench/index.ts'
import { sampleReport, sampleRun } from '../../bench/report/testing/sample-report.ts'
import { main } from '../main.ts'
import { testWorld } from '../testing/test-world.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-compare-'))
  const save = (name: string, ...runs: Parameters<typeof sampleReport>[0]) =>
    writeFileSync(join(folder, `${name}.json`), toJson(sampleReport(runs)))
  const long = { concurrency: 8, seconds: 300, seed: 1 }
  const first = sampleRun(long)
  save('a', first)
  save('again', sampleRun({ ...long, seed: 2 }))
  const { spec, label, parameters } = first
  save('slower', sampleRun({ ...long, concurrency: 24 }, { spec, label, parameters }))
  save('other', sampleRun(long, { label: 'rate 4', parameters: { rate: 4 } }))
  writeFileSync(join(folder, 'foreign.json'), '{"schema": "elsewhere/2"}')
  writeFileSync(join(folder, 'torn.json'), '{"schema": "warp')
})
afterAll(() => rmSync(folder, { recursive: true }))

async function compare(...words: readonly string[]) {
  const world = testWorld({ cwd: folder })
  const code = await main(['bench', 'compare', ...words], world)
  return { code, out: world.out(), err: world.err() }
}

it('exits with 0 for the same', async () => {
  const { code, out } = await compare('a.json', 'a.json')
  expect(out).toMatch(/^SAME {2}every measure that decides is within 5 %$/m)
  expect(code).toBe(0)
})

it('exits with 1 for worse', async () => {
  expect(await compare('a.json', 'slower.json')).toMatchObject({ code: 1, out: expect.stringMatching(/^WORSE /m) })
})

it('takes several reports of a side', async () => {
  const { out } = await compare('a.json,again.json', 'a.json,again.json')
  expect(out).toMatch(/^baseline .* 2 reports$/m)
  expect(out).toMatch(/^concurrency 8, 2 against 2: \w+$/m)
})

it('exits with 2 where the margin is less than what runs tell, and with JSON for programs', async () => {
  const { code, out } = await compare('a.json', 'a.json', '--margin', '0.1%', '--json')
  expect(JSON.parse(out)).toMatchObject({ schema: 'warpline-comparison/1', verdict: 'inconclusive', margin: 0.001 })
  expect(code).toBe(2)
})

it.each([
  [['a.json'], 'one report has nothing beside it: give two or more, or one of --pair'],
  [['a.json', 'other.json'], 'the reports have no run in common'],
  [['a.json', 'foreign.json'], 'foreign.json is no report of this version'],
  [['a.json', 'torn.json'], 'torn.json is not JSON'],
  [['a.json', 'gone.json'], 'gone.json cannot be read (ENOENT)'],
])('refuses %j in one line', async (words, message) => {
  const { code, out, err } = await compare(...words)
  expect(err).toContain(`warpline: ${message}`)
  expect(err.trimEnd()).not.toContain('\n')
  expect([code, out]).toEqual([2, ''])
})
