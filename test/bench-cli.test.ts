import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli, type Ended, type Process, run, warpline } from './process.ts'

/** The second time that a run tells how it fares, requests have been measured. */
const TWICE = /, measure .*\n.*, measure /

const QUICK = 'mock:?ttft=2ms&itl=1ms'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'warpline-bench-'))
})
afterAll(() => rm(folder, { recursive: true }))

const read = async (name: string) => await readFile(join(folder, name), 'utf8')

function bench(line: string, options: { env?: NodeJS.ProcessEnv } = {}): Promise<Ended> {
  return run(process.execPath, [cli, 'bench', ...line.split(' ')], { cwd: folder, ...options })
}

const shapeOf = (table: string) => table.replace(/ *[\d.–]+/g, ' #')

interface Served extends AsyncDisposable {
  readonly url: string
  readonly process: Process
}

async function served(target = QUICK, ...options: readonly string[]): Promise<Served> {
  const server = warpline(['serve', target, '--port', '0', ...options])
  const [, url = ''] = await server.seen(/^ready at (\S+)/m)
  return { url, process: server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

describe('a server', () => {
  it('gets a full report', async () => {
    await using server = await served()
    const files = '--save run.json --html run.html --csv run.csv --jsonl run.jsonl --vllm vllm.json'
    const { code, stdout, stderr } = await bench(
      `${server.url} -c 4 --requests 100 --warm-up 8 -n 8 --slo e2e<1m ${files}`,
    )
    // How the machine is used meanwhile decides whether the run is valid.
    expect(stdout).toMatch(/^(IN)?VALID /m)
    expect(code).toBe(/^VALID/m.test(stdout) ? 0 : 1)
    for (const row of ['TTFT', 'TTFT from sending', 'TPOT', 'ITL', 'largest gap', 'E2E latency']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${row} +[\\d.]+`, 'm'))
    }
    expect(stdout).toMatch(/^requests +100 of 100 answered/m)
    expect(stdout).toMatch(/^output +800 tokens/m)
    expect(stdout).toMatch(/^goodput +\S+ \/s, 100.0 % of those offered kept e2e<60000ms/m)
    expect(stdout).toMatch(/^ {2}prefill +[\d.]+/m)
    expect(stdout).toMatch(/^at best +TTFT/m)
    expect(stderr).toMatch(/^http:\S+ {2}measuring the client first$/m)
    expect(stderr).toMatch(/^http:\S+ {2}\d+ %, measure/m)

    expect(JSON.parse(await read('run.json'))).toMatchObject({
      kind: 'run',
      runs: [{ measures: { requests: { ok: 100 } } }],
    })
    expect(await read('run.html')).toMatch(/^<!doctype html>/i)
    expect((await read('run.csv')).trimEnd().split('\n')).toHaveLength(2)
    const lines = (await read('run.jsonl')).trimEnd().split('\n')
    expect(lines.filter(line => JSON.parse(line).phase === 'measure')).toHaveLength(100)
    expect(JSON.parse(await read('vllm.json'))).toMatchObject({ completed: 100, total_output_tokens: 800 })
    // Files keep six digits.
    const again = await bench('report run.json')
    expect([again.code, again.stderr, shapeOf(again.stdout)]).toEqual([0, '', shapeOf(stdout)])
  })

  it('that is not there is told in one line', async () => {
    expect(await bench('http://127.0.0.1:9')).toEqual({
      code: 3,
      signal: null,
      stdout: '',
      stderr: expect.stringMatching(/^warpline: http:\/\/127\.0\.0\.1:9: .*ECONNREFUSED.*\n$/),
    })
  })

  it('that is none for models is told in one line', async () => {
    const server = createServer((_, response) => response.writeHead(501).end('<html>\n<p>not here</p></html>'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, stdout, stderr } = await bench(url)
    server.close()
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe(`warpline: ${url} answers with status 501 and no words\n`)
  })

  it('that wants a key is told so, and takes one', async () => {
    await writeFile(join(folder, 'keys.txt'), 'open-sesame-open-sesame\n')
    await using server = await served(QUICK, '--keys', join(folder, 'keys.txt'))
    const run = `${server.url} --requests 4 --warm-up 0 --no-calibrate`
    const { code, stdout, stderr } = await bench(run)
    expect([code, stdout]).toEqual([3, ''])
    expect(stderr).toMatch(/^warpline: .*key.*\n$/)
    expect((await bench(`${run} --api-key-file keys.txt`)).stdout).toMatch(/^requests +4 of 4/m)
    const known = await bench(`${run} --save keyed.json`, { env: { WARPLINE_API_KEY: 'open-sesame-open-sesame' } })
    expect(known.stdout).toMatch(/^requests +4 of 4/m)
    expect(await read('keyed.json')).not.toContain('open-sesame')
  })

  it('that dies leaves what was measured', async () => {
    await using server = await served()
    await using child = warpline(['bench', server.url, '--no-calibrate', '--duration', '5m', '--save', 'dead.json'], {
      cwd: folder,
    })
    await child.seen(TWICE)
    server.process.child.kill('SIGKILL')
    const { code, stdout } = await child.ended
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ {2}cut short: /m)
    expect(stdout).toMatch(/^failed +\d+ × unreachable: /m)
    expect(stdout).toMatch(/^ {2}TTFT +[\d.]+/m)
    expect(JSON.parse(await read('dead.json')).runs).toHaveLength(1)
  })
})

it('keeps what was measured at Ctrl-C, which all processes of a terminal get', async () => {
  await using child = warpline(['bench', QUICK, '--duration', '5m', '--save', 'stopped.json'], { cwd: folder })
  await child.seen(TWICE)
  process.kill(-child.child.pid!, 'SIGINT')
  const { code, stdout } = await child.ended
  expect(code).toBe(130)
  expect(stdout).toMatch(/^ {2}cut short: /m)
  const [{ measures }] = JSON.parse(await read('stopped.json')).runs
  expect(measures.requests.ok).toBeGreaterThan(0)
  expect(measures.requests).toMatchObject({ failed: 0, errors: {} })
})

it.each([
  ['a damaged line', '{"prompt": "a"}\n{"prompt":\n', 'prompts.jsonl:2: '],
  ['no prompt', '{"text": "a"}\n', 'prompts.jsonl:1: '],
  ['nothing', '', 'prompts.jsonl: '],
])('a file of prompts with %s is told in one line', async (_, content, message) => {
  await writeFile(join(folder, 'prompts.jsonl'), content)
  const { code, stdout, stderr } = await bench(`${QUICK} --prompts prompts.jsonl`)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr.split('\n').slice(-2)).toEqual([expect.stringContaining(`warpline: ${message}`), ''])
})

it('sends prompts of a file', async () => {
  await writeFile(join(folder, 'good.txt'), 'one two three\nfour\n')
  const { stdout } = await bench(`${QUICK} --prompts good.txt -n 4 --requests 10 --warm-up 0`)
  expect(stdout).toMatch(/^requests +10 of 10/m)
  expect(stdout).toMatch(/^output +40 tokens/m)
})

it('compares two reports, and refuses what has nothing in common', async () => {
  const made = await Promise.all([
    bench(`${QUICK} -c 2 --requests 60 --warm-up 2 -n 4 --save a.json`),
    bench(`mock:?ttft=40ms&itl=20ms -c 2 --requests 60 --warm-up 2 -n 4 --save b.json`),
    bench(`${QUICK} -c 3 --requests 9 --warm-up 0 -n 4 --save c.json`),
  ])
  expect(made.map(({ stdout }) => /requests +\d+ of \d+/.exec(stdout)?.[0])).toEqual([
    'requests    60 of 60',
    'requests    60 of 60',
    'requests    9 of 9',
  ])
  const worse = await bench('compare a.json b.json')
  expect(worse).toMatchObject({ code: 1, stdout: expect.stringMatching(/^WORSE /m) })
  expect(await bench('compare b.json a.json')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^BETTER /m) })
  const other = await bench('compare a.json c.json')
  expect(other.code).toBe(2)
})
