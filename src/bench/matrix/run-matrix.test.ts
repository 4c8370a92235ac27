import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { useEmulator } from '../../../test/emulator/emulator.ts'
import { freePort } from '../server/free-port.ts'
import { OWN_COMMAND } from '../server/own-command.ts'
import type { CellResult } from './cell-result.ts'
import { parseMatrix } from './matrix-file.ts'
import type { MatrixSpec } from './matrix-spec.ts'
import { runMatrix } from './run-matrix.ts'

const TINY = fileURLToPath(new URL('../../../test/fixtures/models/llama2', import.meta.url))
// What starts processes takes its time on a busy machine.
const PATIENCE_MS = 120_000

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-matrix-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const LEAST = { models: [TINY], batches: [1, 2], promptLengths: [6], steps: 3, warmUp: 1, ceilings: false }
const ON_CPU = { device: 'cpu', threads: 1, loadFormat: 'dummy' }

function specOf(more: object): Promise<MatrixSpec> {
  return parseMatrix('m.json', JSON.stringify({ ...LEAST, ...more }))
}

async function run(spec: MatrixSpec, more: object = {}) {
  const said: string[] = []
  const summary = await runMatrix(spec, { folder, command: 'it', onProgress: text => said.push(text), ...more })
  return { ...summary, said }
}

const cellFiles = () => readdirSync(folder).filter(name => name.endsWith('.cell.json'))
const outcomes = (cells: readonly CellResult[]) =>
  cells.map(({ figures, skipped, failed }) => (figures === null ? (skipped ?? failed) : 'measured'))

test('measures every cell once, and goes on where it stopped', { timeout: PATIENCE_MS }, async () => {
  const spec = await specOf({ options: ON_CPU })
  const interrupted = new AbortController()
  const first = await run(spec, {
    signal: interrupted.signal,
    onProgress: (text: string) => text.startsWith('1/2') && interrupted.abort(),
  })
  // What it had sent by then is kept.
  const known = first.cells.length
  expect(known).toBeGreaterThanOrEqual(1)
  expect(first.missing).toBe(2 - known)
  const second = await run(spec)
  expect(outcomes(second.cells)).toEqual(['measured', 'measured'])
  expect(second.missing).toBe(0)
  expect(second.said[0]).toBe(`${known} of 2 cells are there already`)
  expect(second.cells[0]).toEqual(first.cells[0])
  expect(cellFiles()).toHaveLength(2)
  const [{ figures, backend }] = second.cells as [CellResult]
  expect(backend).toBe('native/cpu')
  for (const name of ['firstTokenMs', 'msPerStep', 'decodeTokensPerSecond', 'memoryBytes'] as const)
    expect(figures![name], name).toBeGreaterThan(0)
  expect(figures).toMatchObject({ ofCeiling: null, watts: null, hostMicrosecondsPerStep: null })
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['summary.json', 'summary.csv', 'summary.html']))

  const third = await run(spec)
  expect(third.said).toEqual(['2 of 2 cells are there already'])
  expect((await run(spec, { force: true })).said.filter(text => /^\d\/2/.test(text))).toHaveLength(2)
})

test('what an engine cannot do is skipped, and what does not open has failed, each for itself', {
  timeout: PATIENCE_MS,
}, async () => {
  const models = [TINY, '/no/such/model']
  const spec = await specOf({ models, promptLengths: [6, 100_000], batches: [1], gpus: [1, 2], options: ON_CPU })
  const { cells } = await run(spec)
  expect(outcomes(cells)).toEqual([
    'measured',
    expect.stringMatching(/^needs a context of 1000\d\d tokens, and has \d+$/),
    expect.stringContaining('needs 2 GPUs, and an engine in process computes on one'),
    expect.stringContaining('needs 2 GPUs, and an engine in process computes on one'),
    expect.stringContaining('no model "/no/such/model"'),
    expect.stringContaining('no model "/no/such/model"'),
    expect.stringContaining('needs 2 GPUs, and an engine in process computes on one'),
    expect.stringContaining('needs 2 GPUs, and an engine in process computes on one'),
  ])
})

test('starts a server for its cells, keeps it while the command is the same, and stops it', {
  timeout: PATIENCE_MS,
}, async () => {
  const command = [
    ...OWN_COMMAND,
    'serve',
    'mock:?ttft=2ms&itl=1ms',
    '--port',
    '{port}',
    '--max-sequences',
    '{gpuLayers}',
  ]
  const spec = await specOf({ models: ['some'], gpuLayers: [4, 8], serve: { command } })
  const { cells, said } = await run(spec)
  expect(outcomes(cells)).toEqual(['measured', 'measured', 'measured', 'measured'])
  expect(cells[0]!.figures!.firstTokenMs).toBeGreaterThanOrEqual(2)
  const starts = said.filter(text => text.startsWith('starting '))
  expect(starts).toHaveLength(2)
  for (const start of starts) {
    const port = /--port (\d+)/.exec(start)![1]
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow()
  }
})

test('a server that does not come up costs its cells alone', { timeout: PATIENCE_MS }, async () => {
  const script = 'if (process.argv[1] === "1") { console.error("no card"); process.exit(3) } else eval(process.argv[3])'
  const serve = 'require("http").createServer((_, r) => r.end("{}")).listen(Number(process.argv[2]), "127.0.0.1")'
  const command = [process.execPath, '-e', script, '{batch}', '{port}', serve]
  const { cells } = await run(await specOf({ models: ['some'], serve: { command } }), {
    measure: async () => {
      throw new Error('it speaks no API')
    },
  })
  expect(outcomes(cells)).toEqual([expect.stringMatching(/ended with 3: no card$/), 'it speaks no API'])
})

test('a server that is not there fails each cell in a line', { timeout: PATIENCE_MS }, async () => {
  const target = `http://127.0.0.1:${await freePort()}`
  const { cells } = await run(await specOf({ target, batches: [1] }))
  expect(outcomes(cells)).toEqual([expect.stringContaining('ECONNREFUSED')])
})

describe.skipIf(!useEmulator())('on an emulated GPU', () => {
  test('a cell has what its card took and drew', { timeout: 180_000 }, async () => {
    process.env.WARPLINE_EMULATOR_QUIET = '1'
    const options = { device: 'cuda', loadFormat: 'dummy', gpuMemory: '256MiB', tokenBudget: 64 }
    const { cells, machine } = await run(await specOf({ options, batches: [2] }))
    expect(machine.gpu).toBe('Emulated GPU')
    expect(outcomes(cells)).toEqual(['measured'])
    const { figures } = JSON.parse(readFileSync(join(folder, cellFiles()[0]!), 'utf8')) as CellResult
    for (const name of ['watts', 'joulesPerToken', 'memoryBytes', 'hostMicrosecondsPerStep'] as const)
      expect(figures![name], name).toBeGreaterThan(0)
  })
})
