/**
 * Whether `warpline dispatch` tells of two servers what `warpline bench` tells of them, for the same 200 prompts:
 *
 *   npm run bench:dispatch-peer                                             over two warplines that it starts
 *   npm run bench:dispatch-peer -- --server URL --server URL --name NAME    over two servers that run already
 *   npm run bench:dispatch-peer -- --json FILE …                            and the same as JSON
 *
 * Rank 1 asks the first server the even prompts and rank 2 asks the second the odd ones, one prompt at a time over both, so that servers
 * which compute leave a core to whoever measures; a `bench` asks each server its prompts, one after the other. Both in turns, a part of the
 * prompts at a time, as machines are faster in one minute than in the next; how far the parts of one way lie apart is told, too.
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
const PARTS = 4
const MAX_TOKENS = 24
const MOCK = 'mock:?ttft=30ms&itl=10ms&steps=own&pace=precise'
const SAMPLING = ['--send', 'text', '--temperature', '0']

const STATISTICS: Readonly<Record<string, (seen: Seen) => number>> = {
  mean: ({ latencies }) => latencies.reduce((sum, each) => sum + each, 0) / latencies.length,
  p50: ({ latencies }) => quantile(latencies, 0.5),
  p95: ({ latencies }) => quantile(latencies, 0.95),
  p99: ({ latencies }) => quantile(latencies, 0.99),
  output: ({ tokens, seconds }) => tokens / seconds,
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

/** Of one way: latencies in ms, output tokens, and in how many seconds they came. */
interface Seen {
  readonly latencies: readonly number[]
  readonly tokens: number
  readonly seconds: number
}

async function compare(servers: readonly string[], name: string): Promise<void> {
  const jobs = [...Array(JOBS).keys()]
  const [dispatches, benches]: [Seen[], Seen[]] = [[], []]
  for (let part = 0; part < PARTS; part++) {
    const numbers = jobs.slice((part * JOBS) / PARTS, ((part + 1) * JOBS) / PARTS)
    dispatches.push(await dispatched(servers, numbers))
    benches.push(await measured(servers, numbers))
  }
  for (const [what, of] of Object.entries(STATISTICS)) {
    const [dispatch, bench] = [of(together(dispatches)), of(together(benches))]
    const parts = dispatches.map(of)
    figures.add(`${name}: ${what}, dispatch`, dispatch, what === 'output' ? 'tok/s' : 'ms')
    figures.add(`${name}: ${what}, bench`, bench, what === 'output' ? 'tok/s' : 'ms')
    figures.add(`${name}: ${what}, apart`, 100 * Math.abs(dispatch / bench - 1), '%', '≤ 3')
    figures.add(`${name}: ${what}, parts of dispatch apart`, 100 * (Math.max(...parts) / Math.min(...parts) - 1), '%')
  }
}

function together(parts: readonly Seen[]): Seen {
  return {
    latencies: sorted(parts.flatMap(({ latencies }) => latencies)),
    tokens: parts.reduce((sum, { tokens }) => sum + tokens, 0),
    seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
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

async function dispatched(servers: readonly string[], numbers: readonly number[]): Promise<Seen> {
  const prompts = promptFile('all.jsonl', numbers)
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
  return { latencies: sorted(rest.map(({ serviceMs }) => serviceMs)), tokens, seconds: ms / 1000 }
}

async function measured(servers: readonly string[], all: readonly number[]): Promise<Seen> {
  const latencies: number[] = []
  let [tokens, seconds] = [0, 0]
  for (const [server, url] of servers.entries()) {
    const numbers = all.filter(i => i % servers.length === server)
    const prompts = promptFile(`${server}.jsonl`, numbers)
    const load = ['-c', '1', '--requests', String(numbers.length - 1), '--warm-up', '1', '--no-calibrate']
    const { run, measured } = await runBench(url, '--prompts', prompts, ...load, ...SAMPLING)
    for (const { dueMs, endMs } of measured) latencies.push(endMs - dueMs)
    tokens += run.measures.tokens.output
    seconds += run.measures.requests.seconds
  }
  return { latencies: sorted(latencies), tokens, seconds }
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}
