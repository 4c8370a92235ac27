/**
 * Whether `warpline dispatch` tells of two servers what `warpline bench` tells of them, for the same 200 prompts:
 *
 *   npm run bench:dispatch-peer                                             over two warplines that it starts
 *   npm run bench:dispatch-peer -- --server URL --server URL --name NAME    over two servers that run already
 *   npm run bench:dispatch-peer -- --json FILE …                            and the same as JSON
 *
 * Rank 1 asks the first server the even prompts and rank 2 asks the second the odd ones, one prompt at a time over both, so that servers
 * which compute leave a core to whoever measures; then a `bench` asks each server its prompts, one after the other; then dispatch
 * once more, which shows how far two runs of one thing lie apart here.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { JobResult } from '../src/dispatch/job-result.ts'
import { quantile } from '../src/statistics/index.ts'
import { warpline } from '../test/process.ts'
import { Figures } from './bench/figures.ts'
import { runBench } from './bench/run-bench.ts'
import { serve } from './bench/served.ts'

const JOBS = 200
const MAX_TOKENS = 24
const MOCK = 'mock:?ttft=30ms&itl=10ms&steps=own&pace=precise'
const SAMPLING = ['--send', 'text', '--temperature', '0']

const STATISTICS: Readonly<Record<string, (seen: Seen) => number>> = {
  mean: ({ latencies }) => latencies.reduce((sum, each) => sum + each, 0) / latencies.length,
  p50: ({ latencies }) => quantile(latencies, 0.5),
  p95: ({ latencies }) => quantile(latencies, 0.95),
  p99: ({ latencies }) => quantile(latencies, 0.99),
  output: ({ tokensPerSecond }) => tokensPerSecond,
}

const { values } = parseArgs({
  options: { json: { type: 'string' }, server: { type: 'string', multiple: true }, name: { type: 'string' } },
})
const figures = new Figures()
const folder = mkdtempSync(join(tmpdir(), 'warpline-dispatch-'))
const own = values.server === undefined ? [await serve(MOCK), await serve(MOCK)] : []
try {
  await compare(values.server ?? own.map(({ url }) => url), values.name ?? 'two warplines')
} finally {
  for (const server of own) await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
}
figures.save(values.json, 'npm run bench:dispatch-peer -- --server URL --server URL --json FILE')

/** Of one way: latencies in ms, and how many output tokens came in a second. */
interface Seen {
  readonly latencies: readonly number[]
  readonly tokensPerSecond: number
}

async function compare(servers: readonly string[], name: string): Promise<void> {
  const first = await dispatched(servers)
  const benched = await measured(servers)
  const again = await dispatched(servers)
  for (const [what, of] of Object.entries(STATISTICS)) {
    const [a, b, c] = [of(first), of(benched), of(again)]
    figures.add(`${name}: ${what}, dispatch`, (a + c) / 2, what === 'output' ? 'tok/s' : 'ms')
    figures.add(`${name}: ${what}, bench`, b, what === 'output' ? 'tok/s' : 'ms')
    figures.add(`${name}: ${what}, apart`, 100 * Math.abs((a + c) / 2 / b - 1), '%', '≤ 3')
    figures.add(`${name}: ${what}, two dispatches apart`, 100 * Math.abs(c / a - 1), '%')
  }
}

function promptFile(name: string, numbers: readonly number[]): string {
  const file = join(folder, name)
  const lines = numbers.map(i =>
    JSON.stringify({
      prompt: `Prompt ${i}: ${'word '.repeat(8 + (i % 16))}`,
      max_tokens: MAX_TOKENS,
      ignore_eos: true,
    }),
  )
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

async function dispatched(servers: readonly string[]): Promise<Seen> {
  const prompts = promptFile('all.jsonl', [...Array(JOBS).keys()])
  const output = join(folder, 'results.jsonl')
  await using run = warpline([
    ...[
      'dispatch',
      '--ranks',
      String(servers.length + 1),
      '--prompts',
      prompts,
      '--output',
      output,
      '--force',
      '--json',
    ],
    ...servers.flatMap(url => ['--target', url]),
    ...['--schedule', 'round-robin', '--inflight', '1', ...SAMPLING],
  ])
  const { code, stderr } = await run.ended
  if (code !== 0) throw new Error(`dispatch ended with ${code}: ${stderr}`)
  const results = readFileSync(output, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as JobResult)
  // As in a bench, each server's first is to warm it up: some take seconds for it. Jobs ran one after the other.
  const last = results[servers.length - 1]!
  const rest = results.slice(servers.length)
  const tokens = rest.reduce((sum, { outputTokens }) => sum + outputTokens, 0)
  const ms = Math.max(...rest.map(({ latencyMs }) => latencyMs)) - last.latencyMs
  return { latencies: sorted(rest.map(({ serviceMs }) => serviceMs)), tokensPerSecond: (1000 * tokens) / ms }
}

async function measured(servers: readonly string[]): Promise<Seen> {
  const latencies: number[] = []
  let [tokens, seconds] = [0, 0]
  for (const [server, url] of servers.entries()) {
    const numbers = [...Array(JOBS).keys()].filter(i => i % servers.length === server)
    const prompts = promptFile(`${server}.jsonl`, numbers)
    const load = ['-c', '1', '--requests', String(numbers.length - 1), '--warm-up', '1', '--no-calibrate']
    const { run, measured } = await runBench(url, '--prompts', prompts, ...load, ...SAMPLING)
    for (const { dueMs, endMs } of measured) latencies.push(endMs - dueMs)
    tokens += run.measures.tokens.output
    seconds += run.measures.requests.seconds
  }
  return { latencies: sorted(latencies), tokensPerSecond: tokens / seconds }
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}
