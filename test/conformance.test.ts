import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cli, root, run } from './process.ts'

interface Result {
  readonly id: string
  readonly outcome: string
  readonly detail: string
}

const PROGRAM = [process.execPath, ['--import', 'tsx', join(root, 'tools/conformance/main.ts')]] as const

/** What the server does not do, by name. */
const NOT_THERE = ['structured.schema', 'structured.json', 'tools.whole', 'tools.stream']

async function conformance(
  serve: string,
): Promise<{ code: number | null; stdout: string; results: readonly Result[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'warpline-conformance-'))
  const file = join(folder, 'results.json')
  const command = `env WARPLINE_ADMIN_KEYS={key} ${process.execPath} ${cli} serve ${serve} --port {port} --cors-origin http://localhost:3000`
  try {
    const [program, args] = PROGRAM
    const options = ['--spawn', command, '--strict', '--fuzz', '2', '--json', file]
    const { code, stdout } = await run(program, [...args, ...options])
    return { code, stdout, results: (JSON.parse(await readFile(file, 'utf8')) as { results: Result[] }).results }
  } finally {
    await rm(folder, { recursive: true })
  }
}

it.concurrent.each([
  { target: 'ember', serve: 'ember --queue-tokens 20000' },
  { target: 'mock:', serve: '"mock:?slots=8&load=300ms&ttft=2ms&itl=2ms&context=1024" --queue-tokens 20000' },
])('$target answers all that an OpenAI-compatible server should, strictly', async ({ serve }) => {
  const { code, stdout, results } = await conformance(serve)
  const not = (outcome: string) => results.filter(result => result.outcome === outcome)
  expect(not('failed')).toEqual([])
  expect(not('noted')).toEqual([])
  expect(not('skipped').map(({ id }) => id)).toEqual(NOT_THERE)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^\d+ passed, 0 failed, \d+ skipped in [\d.]+ s$/m)
})

it('a failure is exit code 1, a wrong command line 2', async () => {
  const [program, args] = PROGRAM
  const dead = await run(program, [...args, 'http://127.0.0.1:9'])
  expect([dead.code, dead.stderr]).toEqual([1, 'conformance: nothing answers at http://127.0.0.1:9: ECONNREFUSED\n'])
  const wrong = await run(program, [...args, '--quick'])
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toMatch(/^conformance: Unknown option '--quick'/)
})
