import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunReport, type RunSpec, readReport } from '../../bench/index.ts'
import { sampleRecords } from '../../bench/report/testing/sample-records.ts'
import { sampleRun } from '../../bench/report/testing/sample-report.ts'
import { AbortedError, UnreachableError } from '../../engine/index.ts'
import { main } from '../main.ts'
import { testWorld } from '../testing/test-world.ts'
import type { World } from '../world.ts'

const SAMPLE = { concurrency: 2, seconds: 2, seed: 1 }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-bench-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Measures nothing, and remembers what it was to measure. */
function pretend(rest: Partial<RunReport> = {}) {
  const specs: RunSpec[] = []
  const measureRun: World['measureRun'] = async (spec, { label = spec.target } = {}) => {
    specs.push(spec)
    return { report: sampleRun(SAMPLE, { spec, label, ...rest }), records: sampleRecords(SAMPLE) }
  }
  return { specs, measureRun }
}

async function bench(line: string, measureRun: World['measureRun'] = pretend().measureRun) {
  const world = testWorld({ cwd: folder, measureRun })
  const code = await main(['bench', ...line.split(' ')], world)
  return { code, out: world.out(), err: world.err() }
}

const fixed = (tokens: number) => ({ kind: 'fixed', tokens })

it.each([
  [
    'mock:',
    {
      target: 'mock:',
      load: { kind: 'closed', concurrency: 8 },
      work: { kind: 'synthetic', prompt: fixed(128), output: fixed(64), as: 'tokens' },
      seed: 1,
      warmUp: { seconds: 3 },
      measure: { seconds: 20 },
    },
  ],
  [
    'run mock: -c 3 --requests 50 --warm-up 0',
    { load: { kind: 'closed', concurrency: 3 }, measure: { requests: 50 }, warmUp: { requests: 0 } },
  ],
  ['mock: --rate 4', { load: { kind: 'open', rate: 4, arrivals: 'poisson' } }],
  [
    'mock: --rate 4 --burstiness 0.5 --max-in-flight 9',
    { load: { kind: 'open', rate: 4, arrivals: 'gamma', burstiness: 0.5, maxInFlight: 9 } },
  ],
  [
    'mock: --rate 4 --arrivals constant --ramp-from 1',
    { load: { kind: 'open', rate: 4, arrivals: 'constant', rampFrom: 1 } },
  ],
  [
    'mock: -p 100-200 -n normal:50,5 --shared-prefix 40 --prefixes 3 --turns 2 --send chat --seed 9 --temperature 0.5',
    {
      seed: 9,
      work: {
        kind: 'synthetic',
        prompt: { kind: 'uniform', min: 100, max: 200 },
        output: { kind: 'normal', mean: 50, deviation: 5 },
        sharedPrefix: 40,
        prefixes: 3,
        turns: 2,
        as: 'chat',
        sampling: { temperature: 0.5 },
      },
    },
  ],
  ['mock: --prompts p.txt -n 16', { work: { kind: 'file', path: 'p.txt', output: fixed(16) } }],
  [
    'mock: --processes 2 --timeout 1m --max-sequences 4',
    { processes: 2, requestTimeoutMs: 60_000, open: { maxSequences: 4 } },
  ],
  [
    'http://127.0.0.1:1 --send text --model m --api completions --api-key-file k --no-streaming',
    {
      target: 'http://127.0.0.1:1',
      open: { remote: { model: 'm', api: 'completions', apiKeyFile: 'k', streaming: false } },
    },
  ],
])('bench %s', async (line, expected) => {
  const { specs, measureRun } = pretend()
  expect(await bench(line, measureRun)).toMatchObject({ code: 0 })
  expect(specs).toMatchObject([expected])
})

it('replays a trace whole', async () => {
  const trace = join(folder, 'trace.jsonl')
  const lines = [0, 500, 900].map(timestamp => JSON.stringify({ timestamp, input_length: 9, output_length: 2 }))
  writeFileSync(trace, lines.join('\n'))
  const { specs, measureRun } = pretend()
  expect(await bench(`mock: --replay ${trace} --replay-speed 2`, measureRun)).toMatchObject({ code: 0 })
  expect(specs).toMatchObject([{ load: { kind: 'trace', path: trace, speed: 2 }, measure: { requests: 3 } }])
})

it.each([
  ['mock: -c 1,2', 'sweep', ['concurrency 1', 'concurrency 2']],
  ['sweep mock: --rate 1,2', 'sweep', ['1 requests/s', '2 requests/s']],
  ['latency mock:', 'latency', ['concurrency 1']],
  ['scaling mock:?slots={n} --counts 1,2', 'scaling', ['1 × mock:?slots=1', '2 × mock:?slots=2']],
  ['cache mock:', 'cache', ['cold', 'warm', 'shared prefix']],
  [
    'mock: --pair mock:?seed=2',
    'pair',
    ['A1', 'B1', 'B2', 'A2', 'A3', 'B3', 'B4', 'A4', 'A5', 'B5', 'B6', 'A6', 'A7', 'B7', 'B8', 'A8'],
  ],
])('bench %s is a %s', async (line, kind, labels) => {
  await bench(`${line} --save run.json`)
  const report = readReport(readFileSync(join(folder, 'run.json'), 'utf8'))
  expect(report.kind).toBe(kind)
  expect(report.runs.map(({ label }) => label)).toEqual(labels)
})

it.each([
  ['mock: -c 2 --rate 3', 'give one of --concurrency (closed loop), --rate (open loop) and --replay'],
  ['mock: --burstiness 2', 'only with --rate: --arrivals, --burstiness, --ramp-from and --max-in-flight'],
  ['mock: --rate 2 --arrivals poisson --burstiness 2', '--burstiness is of --arrivals gamma'],
  ['mock: --requests 5 --duration 5s', 'give one of --requests and --duration'],
  ['mock: --prompts p.txt --turns 2', 'are of random prompts, not of --prompts'],
  ['mock: --prefixes 2', '--prefixes needs --shared-prefix'],
  ['mock: --slo-share 90%', '--slo-share is of a search: give --slo and no load'],
  ['mock: --margin 5%', '--margin is of --pair'],
  ['mock: --pair mock: -c 1,2', 'a pair is compared under one load'],
  ['scaling mock:', 'name two targets or more, or one with {n} in it'],
  ['matrix gone.yaml', 'gone.yaml: there is no such file'],
  ['compare', 'name two reports or more'],
  ['compare gone.json', 'gone.json cannot be read (ENOENT)'],
  [
    'mock: --slo ttft<200',
    '--slo: expected bounds such as ttft<200ms,itl<30ms (of ttft, tpot, itl, gap, e2e; ms, s or m), not "ttft<200"',
  ],
  [
    'mock: -p many',
    '--prompt-tokens: expected tokens such as 512, 100-500 or normal:512,64 (mean, deviation), not "many"',
  ],
  ['mock: --duration 5days', '--duration: expected a duration such as 500ms, 30s or 2m, not "5days"'],
  ['mock: --csv gone/run.csv', 'gone/run.csv cannot be written (ENOENT)'],
  ['mock: extra', 'Expected 1 argument but got 2: see warpline bench --help'],
  ['sweeep mock:', 'Expected 1 argument but got 2 (did you mean sweep?): see warpline bench --help'],
  ['report', 'bench report: name one report, e.g. run.json'],
  ['report gone.json', 'gone.json cannot be read (ENOENT)'],
])('refuses %s before anything is measured', async (line, message) => {
  const { specs, measureRun } = pretend()
  const { code, out, err } = await bench(line, measureRun)
  expect(err).toContain(message)
  expect(err.trimEnd()).not.toContain('\n')
  expect([code, out, specs]).toEqual([2, '', []])
})

describe('results', () => {
  it('writes the files that were asked for, and a table', async () => {
    const { code, out } = await bench('mock: --save run.json --csv run.csv --jsonl run.jsonl --vllm vllm.json')
    expect(code).toBe(0)
    expect(out).toMatch(/^mock: {2}/)
    const read = (name: string) => readFileSync(join(folder, name), 'utf8')
    expect(readReport(read('run.json'))).toMatchObject({ kind: 'run', runs: [{ spec: { target: 'mock:' } }] })
    expect(read('run.csv').trimEnd().split('\n')).toHaveLength(2)
    expect(read('run.jsonl').trimEnd().split('\n')).toHaveLength(sampleRecords(SAMPLE).length)
    expect(JSON.parse(read('vllm.json'))).toHaveProperty('mean_ttft_ms')
  })

  it('puts JSON or CSV on standard output', async () => {
    expect(JSON.parse((await bench('mock: --format json')).out)).toMatchObject({ schema: 'warpline-bench/1' })
    expect((await bench('mock: --format csv')).out).toMatch(/^date,/)
  })

  it('tells a report again', async () => {
    const { out } = await bench('mock: --save run.json')
    expect(await bench('report run.json')).toEqual({ code: 0, out, err: '' })
  })

  it.each([
    ['invalid', { verdict: { valid: false, reasons: ['the client used 98 % of a core'] } }],
    ['cut short', { cutShort: 'nothing was answered for 5 s' }],
  ])('fails where a run is %s, and tells it all the same', async (_, rest) => {
    const { code, out } = await bench('mock: --save run.json', pretend(rest).measureRun)
    expect(code).toBe(1)
    expect(out).toContain('TTFT')
    expect(readReport(readFileSync(join(folder, 'run.json'), 'utf8')).runs).toHaveLength(1)
  })

  it('does not fail for what a search only tried', async () => {
    const measureRun: World['measureRun'] = async (spec, { probe, objectives = [] } = {}) => {
      const share = spec.load.kind === 'open' && spec.load.rate < 50 ? 1 : 0
      const run = sampleRun(SAMPLE, { spec, verdict: { valid: probe !== true, reasons: [] }, ...(probe && { probe }) })
      return {
        report: { ...run, measures: { ...run.measures, goodput: { objectives, perSecond: 1, share } } },
        records: [],
      }
    }
    expect(await bench('mock: --slo ttft<10s', measureRun)).toMatchObject({ code: 0 })
  })

  it('says in one line why nothing could be measured', async () => {
    const { code, out, err } = await bench('mock:', async () => {
      throw new UnreachableError('http://127.0.0.1:1: nobody listens there (ECONNREFUSED)')
    })
    expect([code, out]).toEqual([3, ''])
    expect(err).toBe('mock:  opening\nwarpline: http://127.0.0.1:1: nobody listens there (ECONNREFUSED)\n')
  })
})

it('keeps what the runs before brought where one of several fails', async () => {
  let runs = 0
  const { code, out, err } = await bench('mock: -c 1,2,4 --save run.json', async spec => {
    if (++runs === 3) throw new UnreachableError('the server is gone')
    return { report: sampleRun(SAMPLE, { spec }), records: [] }
  })
  expect(code).toBe(3)
  expect(out).toContain('2 loads')
  expect(err).toMatch(/^warpline: the server is gone$/m)
  expect(readReport(readFileSync(join(folder, 'run.json'), 'utf8')).runs).toHaveLength(2)
})

it('measures a matrix of servers', async () => {
  const cells = { models: ['m'], batches: [1, 2], promptLengths: [16], target: 'mock:?model={model}' }
  writeFileSync(join(folder, 'cells.json'), JSON.stringify(cells))
  const { specs, measureRun } = pretend()
  const { code, out } = await bench('matrix cells.json --folder out --csv cells.csv', measureRun)
  expect(code).toBe(0)
  expect(specs.map(({ target }) => target)).toEqual(['mock:?model=m', 'mock:?model=m'])
  expect(out).toMatch(/^ {2}model .*batch .*prompt/m)
  expect(out.match(/^ {2}m +\S+ +[12] +16 /gm)).toHaveLength(2)
  expect(readFileSync(join(folder, 'cells.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(3)
  // What is there is not measured again.
  expect(await bench('matrix cells.json --folder out', measureRun)).toMatchObject({ code: 0, out })
  expect(specs).toHaveLength(2)
})

describe('Ctrl-C', () => {
  const untilStopped =
    (onStart: () => void): World['measureRun'] =>
    async (spec, { signal } = {}) => {
      onStart()
      if (!signal?.aborted) await new Promise(resolve => signal?.addEventListener('abort', resolve))
      return { report: sampleRun(SAMPLE, { spec, cutShort: 'interrupted' }), records: [] }
    }

  it('keeps what was measured', async () => {
    const world = testWorld({ cwd: folder, measureRun: untilStopped(() => world.signal('SIGINT')) })
    expect(await main(['bench', 'mock:', '--save', 'run.json'], world)).toBe(130)
    expect(world.err()).toBe('mock:  opening\nstopping: what was measured is kept; once more ends at once\n')
    expect(world.out()).toContain('cut short: interrupted')
    expect(readReport(readFileSync(join(folder, 'run.json'), 'utf8')).runs).toHaveLength(1)
  })

  it('leaves an earlier report as it is where nothing was measured', async () => {
    await bench('mock: --save run.json')
    const world = testWorld({
      cwd: folder,
      measureRun: async () => {
        world.signal('SIGINT')
        throw new AbortedError()
      },
    })
    expect(await main(['bench', 'mock:', '--save', 'run.json'], world)).toBe(130)
    expect(world.out()).toBe('')
    expect(readReport(readFileSync(join(folder, 'run.json'), 'utf8')).runs).toHaveLength(1)
  })

  it('twice ends at once', async () => {
    const world = testWorld({
      cwd: folder,
      measureRun: untilStopped(() => {
        world.signal('SIGTERM')
        expect(() => world.signal('SIGINT')).toThrow('exit 130')
      }),
    })
    expect(await main(['bench', 'mock:'], world)).toBe(143)
  })
})
