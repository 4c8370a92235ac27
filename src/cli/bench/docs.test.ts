import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toJson } from '../../bench/index.ts'
import { sampleReport, sampleRun } from '../../bench/report/testing/sample-report.ts'
import { main } from '../main.ts'
import { testWorld } from '../testing/test-world.ts'

const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')

const pages = await Promise.all(['docs/bench.md', 'docs/cli.md', 'README.md'].map(read))

/** Whose parts start servers or engines: they have tests of their own. */
const ELSEWHERE = /^warpline bench (engine|layers|matrix)/

const lines = pages
  .flatMap(page => page.match(/^(npx )?warpline bench .*$/gm) ?? [])
  .map(line => line.replace(/^npx /, '').replace(/ +#.*$/, ''))
const commands = [...new Set(lines)].filter(line => !ELSEWHERE.test(line))

const SAMPLE = { concurrency: 2, seconds: 2, seed: 1 }

let folder: string
const before = process.cwd()
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-docs-'))
  for (const name of ['run', 'before', 'before2', 'after', 'after2']) {
    writeFileSync(join(folder, `${name}.json`), toJson(sampleReport([sampleRun(SAMPLE)])))
  }
  writeFileSync(join(folder, 'trace.jsonl'), '{"timestamp": 0, "input_length": 9, "output_length": 2}\n')
  process.chdir(folder)
})
afterAll(() => {
  process.chdir(before)
  rmSync(folder, { recursive: true })
})

it.each(commands)('%s', async line => {
  const world = testWorld({
    cwd: folder,
    measureRun: async (spec, { label = spec.target, parameters = {} } = {}) => {
      return { report: sampleRun(SAMPLE, { spec, label, parameters }), records: [] }
    },
  })
  const words = line.match(/"[^"]*"|\S+/g)!.map(word => word.replace(/"/g, ''))
  await main(words.slice(1), world)
  expect(world.err()).not.toContain('warpline:')
  expect(world.out()).not.toBe('')
})

it('the page shows the example', async () => {
  const [, code = ''] = (await read('examples/measure.ts')).split('*/\n')
  expect(pages[0]).toContain(code)
})
