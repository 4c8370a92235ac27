import { quantile } from '../../../src/statistics/index.ts'
import type { Report } from '../../report.ts'
import { serveNull } from '../null-served.ts'
import { type Line, type Ran, runBench } from '../run-bench.ts'
import { type Served, serve } from '../served.ts'

const TTFT_MS = 100
const ITL_MS = 50
/** Few tokens, so that 500 requests a second are no more than two cores can serve and read. */
const TOKENS = 3

/** Each request has steps of its own, which come to some µs: its times are exactly those that are set. */
const MOCK = `mock:?ttft=${TTFT_MS}ms&itl=${ITL_MS}ms&steps=own&pace=precise&slots=1024&cache=off`

/** By whom the times are kept: our own server over the mock; and what is nearly no server, so that what is left is the client's. */
const SERVERS = [
  ['served mock', () => serve(MOCK)],
  ['bare server', serveBare],
] as const

async function serveBare(): Promise<Served> {
  const server = await serveNull()
  return {
    url: server.url({ ttftMs: TTFT_MS, itlMs: ITL_MS }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const LOADS = [
  ['closed loop of 64', ['-c', '64']],
  ['open loop of 500 req/s', ['--rate', '500']],
] as const

/** What the report says of a server whose times are known. Everything that HTTP adds on either side is in the difference. */
export async function knownTimes(report: Report): Promise<void> {
  for (const [server, start] of SERVERS)
    for (const [load, args] of LOADS) await known(report, `${server}, ${load}`, start, args)
}

async function known(
  report: Report,
  name: string,
  start: () => Promise<Served>,
  load: readonly string[],
): Promise<void> {
  await using server = await start()
  // What both sides compile, they compile in the first seconds.
  const ran = await runBench(server.url, ...load, ...REQUESTS, '--warm-up', '6s', '--duration', '8s')
  const { ttft, itl } = ran.run.measures
  const add = (what: string, figure: number | null, goal?: string) =>
    report.add(`${name}: ${what}`, figure ?? Number.NaN, 'ms', goal)
  add('TTFT p50, beyond what is set', ttft.p50 && ttft.p50.value - TTFT_MS, '≤ 0.3')
  add('TTFT p99, beyond what is set', ttft.p99 && ttft.p99.value - TTFT_MS, '≤ 1')
  add('ITL p50, off what is set', itl.p50 && Math.abs(itl.p50.value - ITL_MS), '≤ 0.3')
  add('ITL p99, beyond what is set', itl.p99 && itl.p99.value - ITL_MS, '≤ 1')
  shares(add, ran)
  report.add(`${name}: said to be valid`, Number(ran.run.verdict.valid), '', '1')
  for (const reason of ran.run.verdict.reasons) console.log(`  ${reason}`)
}

const REQUESTS = ['-n', String(TOKENS), '-p', '16', '--send', 'tokens']

/** Whose the difference is, by the server's own account of each request. */
function shares(add: (what: string, figure: number) => void, { measured }: Ran): void {
  if (!measured.some(({ timeline }) => timeline)) return
  const tail = (of: (line: Line) => number, q: number) =>
    quantile(
      Float64Array.from(
        measured.filter(({ timeline }) => timeline),
        of,
      ).sort(),
      q,
    )
  for (const [name, q] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    add(
      `${name} of the server’s own part`,
      tail(({ timeline }) => timeline!.tokensAt[0]! - TTFT_MS, q),
    )
    add(`${name} of the way and the client’s part`, tail(wayOf, q))
  }
}

function wayOf({ arrivalsUs, timeline }: Line): number {
  return arrivalsUs[0]! / 1000 - timeline!.tokensAt[0]!
}
