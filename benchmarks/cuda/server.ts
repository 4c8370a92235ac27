/**
 * What users of the server get from the card: 256 streams of completions at once, each of 128 random tokens of prompt and
 * 128 of answer, over HTTP from a process of its own. One round to warm up, then three.
 *
 *   npm run build && npx tsx benchmarks/cuda/server.ts [OUT] [--target llama-2-7b] [--streams 256] [--tokens 128]
 *
 * Output tokens per second count from the first byte sent to the last token received. ITL is the time between two
 * events of a stream, each of a token; those that arrived together are 0 apart.
 */
import { parseArgs } from 'node:util'
import { type Figure, saveResult } from './result.ts'
import { Histograms } from './server/histograms.ts'
import { type Round, runRound } from './server/round.ts'
import { ServerProcess } from './server/server-process.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: 'string', default: 'llama-2-7b' },
    streams: { type: 'string', default: '256' },
    tokens: { type: 'string', default: '128' },
    vocab: { type: 'string', default: '32000' },
    /** More for `warpline serve`, apart by spaces. */
    serve: { type: 'string', default: '--load-format dummy --device cuda' },
  },
})
const [streams, tokens, vocab] = [Number(values.streams), Number(values.tokens), Number(values.vocab)]
const ROUNDS = 3

const loadStart = performance.now()
await using server = await ServerProcess.start([values.target, ...values.serve.split(' ')])
const loadSeconds = (performance.now() - loadStart) / 1000
console.log(
  `${values.target}, ${streams} streams of ${tokens} + ${tokens} tokens; ready after ${loadSeconds.toFixed(1)} s`,
)
console.log('  tok/s     TTFT p50     p99      ITL p50     p99   step mean (host)   p99, ms')

interface Steps {
  readonly count: number
  readonly meanMs: number
  readonly p99Ms: number
  /** What of it the engine did not wait for the card. */
  readonly hostMeanMs: number
}

const rounds: (Round & { readonly steps: Steps })[] = []
for (let seed = 0; seed <= ROUNDS; seed++) {
  const before = Histograms.parse(await server.get('/metrics'))
  const round = await runRound(server.port, { streams, promptTokens: tokens, maxTokens: tokens, vocab, seed })
  const engine = Histograms.parse(await server.get('/metrics')).since(before)
  const steps: Steps = {
    count: engine.count('warpline:step_time_seconds'),
    meanMs: 1000 * engine.mean('warpline:step_time_seconds'),
    p99Ms: 1000 * engine.percentile('warpline:step_time_seconds', 0.99),
    hostMeanMs: 1000 * engine.mean('warpline:step_host_time_seconds'),
  }
  console.log(lineOf(round, steps) + (seed === 0 ? '  (warm-up)' : ''))
  if (seed > 0) rounds.push({ ...round, steps })
}

const [out] = positionals
if (out !== undefined) {
  const middle = (of: (round: Round & { readonly steps: Steps }) => number) =>
    rounds.map(of).sort((a, b) => a - b)[ROUNDS >> 1]!
  const what = `server, ${values.target}, ${streams} streams of ${tokens} + ${tokens}`
  const figures: Figure[] = [
    { what, figure: middle(round => round.tokensPerSecond), unit: 'tok/s', goal: '≥ 12 000' },
    { what: `${what}: TTFT p50`, figure: middle(({ ttftMs }) => ttftMs.p50), unit: 'ms' },
    { what: `${what}: TTFT p99`, figure: middle(({ ttftMs }) => ttftMs.p99), unit: 'ms' },
    { what: `${what}: ITL p50`, figure: middle(({ itlMs }) => itlMs.p50), unit: 'ms' },
    { what: `${what}: ITL p99`, figure: middle(({ itlMs }) => itlMs.p99), unit: 'ms' },
    { what: `${what}: engine's own time, a step`, figure: middle(({ steps }) => steps.hostMeanMs), unit: 'ms' },
  ]
  saveResult(out, 'server', 'npm run build && npx tsx benchmarks/cuda/server.ts OUT', { loadSeconds, rounds, figures })
}

function lineOf(
  { tokensPerSecond, ttftMs, itlMs }: Round,
  steps: { meanMs: number; p99Ms: number; hostMeanMs: number },
) {
  const columns = [tokensPerSecond.toFixed(0), ttftMs.p50.toFixed(1), ttftMs.p99.toFixed(1), itlMs.p50.toFixed(2)]
  const engine = `${steps.meanMs.toFixed(2)} (${steps.hostMeanMs.toFixed(2)})`
  return [...columns, itlMs.p99.toFixed(2), engine, steps.p99Ms.toFixed(2)].map(each => each.padStart(9)).join(' ')
}
