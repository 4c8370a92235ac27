/**
 * `warpline dispatch` over one card and over two, each with an engine of its own, as built, with the post kernel after each
 * answer: how much faster two are, which rank had which card, and that MPI's check finds nothing wrong.
 *
 *   node --import ./node_modules/tsx/dist/loader.mjs benchmarks/cuda/dispatch.ts OUT [MODEL]
 *
 * One, two and one card again, of the same prompts: what the two runs of one lie apart is what the machine alone changes.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Figure, saveResult } from './result.ts'

const [out, model = 'llama-2-7b'] = process.argv.slice(2)
const COMMAND = 'node --import ./node_modules/tsx/dist/loader.mjs benchmarks/cuda/dispatch.ts OUT'
const WARPLINE = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const JOBS = Number(process.env.JOBS ?? 1536)
/** On each card at once. */
const IN_FLIGHT = 64
const OUTPUT_TOKENS = 128
const CUDA_WORK = 5000

interface Report {
  readonly wallMs: number
  readonly all: {
    readonly ok: number
    readonly failed: number
    readonly outputTokensPerSecond: number
    readonly postMs?: { readonly p50: number; readonly p99: number }
  }
  readonly ranks: readonly {
    readonly rank: number
    readonly host: string
    readonly target: string
    readonly device: string
  }[]
}

const folder = mkdtempSync(join(tmpdir(), 'warpline-dispatch-'))
const prompts = join(folder, 'prompts.txt')
writeFileSync(prompts, Array.from({ length: JOBS }, (_, i) => `${i}: ${'tell me more of it, '.repeat(6)}\n`).join(''))
try {
  const check = run(['mpi', 'check', '--ranks', '2'])
  const [one, two, again] = [dispatch(1), dispatch(2), dispatch(1)]
  const speedUp = one.wallMs / two.wallMs
  const figures: Figure[] = [
    ...figuresOf('one card', one),
    ...figuresOf('two cards', two),
    ...figuresOf('one card again', again),
    { what: 'two cards: times faster than one', figure: speedUp, unit: '×', goal: '≥ 1.9' },
    {
      what: 'two cards: times faster than one again',
      figure: again.wallMs / two.wallMs,
      unit: '×',
      goal: '≥ 1.9',
    },
  ]
  for (const { what, figure, unit, goal = '' } of figures)
    console.log(`${what}: ${figure.toPrecision(4)} ${unit} ${goal}`)
  saveResult(out!, 'dispatch', COMMAND, {
    model,
    jobs: JOBS,
    outputTokens: OUTPUT_TOKENS,
    inFlightOnEach: IN_FLIGHT,
    cudaWork: CUDA_WORK,
    check: check.split('\n').filter(line => line !== ''),
    devices: two.ranks.map(({ rank, host, target, device }) => `rank ${rank} on ${host}: ${target} on ${device}`),
    figures,
    reports: { one, two, again },
  })
} finally {
  rmSync(folder, { recursive: true })
}

function dispatch(cards: number): Report {
  const output = join(folder, `${cards}.jsonl`)
  const stdout = run([
    ...['dispatch', '--ranks', String(cards + 1), '--target', model, '--load-format', 'dummy', '--prompts', prompts],
    ...[
      '--send',
      'text',
      '--max-tokens',
      String(OUTPUT_TOKENS),
      '--ignore-eos',
      '--inflight',
      String(cards * IN_FLIGHT),
    ],
    ...['--cuda-post', '--cuda-work', String(CUDA_WORK), '--output', output, '--force', '--json', '--quiet'],
  ])
  const answers = readFileSync(output, 'utf8').trimEnd().split('\n')
  if (answers.length !== JOBS) throw new Error(`${answers.length} of ${JOBS} prompts were answered`)
  return JSON.parse(stdout) as Report
}

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [WARPLINE, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  console.log(stderr)
  if (status !== 0) throw new Error(`warpline ${args.join(' ')} ended with ${status}: ${stdout}`)
  return stdout
}

function figuresOf(what: string, { wallMs, all }: Report): Figure[] {
  const { ok, failed, outputTokensPerSecond, postMs } = all
  return [
    { what: `${what}: answered`, figure: ok, unit: '', goal: String(JOBS) },
    { what: `${what}: failed`, figure: failed, unit: '', goal: '0' },
    { what: `${what}: wall`, figure: wallMs / 1000, unit: 's' },
    { what: `${what}: output`, figure: outputTokensPerSecond, unit: 'tok/s' },
    ...(postMs ? [{ what: `${what}: post kernel, p50`, figure: postMs.p50, unit: 'ms' }] : []),
  ]
}
