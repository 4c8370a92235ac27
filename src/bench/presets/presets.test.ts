import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { AbortedError, UnreachableError } from '../../engine/index.ts'
import type { LoadSpec } from '../load/load.ts'
import type { MeasureOptions } from '../measure-run.ts'
import type { RunSpec } from '../run/run.ts'
import type { SyntheticSpec } from '../work/synthetic-work.ts'
import type { PresetSettings, PresetTools } from './preset.ts'
import { PRESETS } from './presets.ts'
import { scalingTargets } from './scaling.ts'
import { type QueueTarget, queueMeasure } from './testing/queue-target.ts'

const WORK: SyntheticSpec = {
  kind: 'synthetic',
  prompt: { kind: 'fixed', tokens: 100 },
  output: { kind: 'fixed', tokens: 4 },
  as: 'tokens',
}

const SETTINGS: PresetSettings = {
  targets: ['one'],
  work: WORK,
  loads: [],
  seed: 7,
  objectives: [],
  calibrate: true,
}

const closed = (concurrency: number): LoadSpec => ({ kind: 'closed', concurrency })
const open = (rate: number): LoadSpec => ({ kind: 'open', rate, arrivals: 'poisson' })

/** Of 100 requests per second in all, ten at a time. */
const TEN: QueueTarget = { servers: 10, serviceMs: 100 }

interface Told {
  readonly spec: RunSpec
  readonly options: MeasureOptions
}

async function run(
  name: string,
  settings: Partial<PresetSettings>,
  target: QueueTarget | ((name: string) => QueueTarget) = TEN,
) {
  const told: Told[] = []
  const measure = queueMeasure(typeof target === 'function' ? target : () => target)
  const tools: PresetTools = {
    measure: (spec, options) => {
      told.push({ spec, options })
      return measure(spec, options)
    },
  }
  const result = await PRESETS[name]!.run({ ...SETTINGS, ...settings }, tools)
  expect(result.runs.map(({ label }) => label)).toEqual(told.map(({ options }) => options.label))
  return { ...result, told, loads: told.map(({ spec }) => spec.load) }
}

test('every preset is found by its name', () => {
  expect(Object.keys(PRESETS)).toEqual(['run', 'latency', 'throughput', 'sweep', 'slo', 'scaling', 'cache', 'pair'])
})

describe('run', () => {
  test('one load on one target, named by it', async () => {
    const { told, runs } = await run('run', { objectives: [{ measure: 'ttft', belowMs: 20 }] })
    expect(told).toMatchObject([
      {
        spec: { target: 'one', load: closed(8), seed: 7, warmUp: { seconds: 3 }, measure: { seconds: 20 } },
        options: { label: 'one', parameters: { concurrency: 8 }, calibrate: true },
      },
    ])
    expect(runs[0]!.measures.goodput?.share).toBe(1)
  })

  test('what was chosen holds', async () => {
    const { told } = await run('run', {
      loads: [open(5), closed(2)],
      warmUp: { requests: 1 },
      measure: { seconds: 2 },
      calibrate: false,
      requestTimeoutMs: 5,
    })
    expect(told).toMatchObject([
      { spec: { load: open(5), requestTimeoutMs: 5 }, options: { label: '5 requests/s', calibrate: false } },
      { spec: { warmUp: { requests: 1 }, measure: { seconds: 2 } }, options: { label: 'concurrency 2' } },
    ])
  })

  test('words are other words in each run and each report, at the same lengths', async () => {
    const variants = async () =>
      (await run('run', { loads: [closed(1), closed(1)] })).told.map(
        ({ spec }) => (spec.work as SyntheticSpec).variant!,
      )
    const [first, second] = await variants()
    expect(second).toBe(first! + 1)
    expect(await variants()).not.toContain(first)
    const { told } = await run('run', { work: { ...WORK, variant: 3 } })
    expect(told[0]!.spec).toMatchObject({ seed: 7, work: { variant: 3 } })
  })
})

test('run: a trace is made whole, and bears its file’s name beside others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'warpline-preset-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'busy.jsonl')
  const lines = [0, 30, 60].map(timestamp => JSON.stringify({ timestamp, input_length: 5, output_length: 4 }))
  writeFileSync(path, lines.join('\n'))
  const loads: LoadSpec[] = [
    { kind: 'trace', path },
    { kind: 'trace', path, speed: 2 },
  ]
  const { told, runs } = await run('run', { loads })
  expect(told).toMatchObject([
    { spec: { warmUp: { requests: 0 }, measure: { requests: 3 } }, options: { label: 'busy.jsonl' } },
    { options: { label: 'busy.jsonl × 2', parameters: { trace: 'busy.jsonl', speed: 2 } } },
  ])
  expect(runs.map(({ samples }) => samples.due)).toEqual([
    [0, 30, 60],
    [0, 15, 30],
  ])
})

test('latency: one at a time', async () => {
  const { told, findings } = await run('latency', {})
  expect(told).toMatchObject([{ spec: { load: closed(1), warmUp: { requests: 3 }, measure: { requests: 20 } } }])
  expect(findings).toEqual([
    'alone, a request waits 10 ms for its first token, 30 ms for each token more, 100 ms in all (means of 20)',
  ])
})

describe('throughput', () => {
  test('a target that takes more than 64 at a time gets more', async () => {
    const { loads, findings } = await run(
      'throughput',
      { warmUp: { seconds: 1 }, measure: { seconds: 2 } },
      { servers: 100, serviceMs: 100 },
    )
    expect(loads).toEqual([closed(64), closed(100)])
    expect(findings).toEqual([
      expect.stringMatching(/^at most 4000 output tokens\/s and 1000 requests\/s \(concurrency 100\)$/),
    ])
  })

  test.each([
    ['takes fewer', {}, 10, [64]],
    ['claims too much', {}, 100_000, [64]],
    ['was given a load', { loads: [closed(5)] }, 100, [5]],
  ])('one that %s gets one load', async (_, settings, servers, users) => {
    const { loads } = await run('throughput', { ...settings, measure: { seconds: 1 } }, { servers, serviceMs: 100 })
    expect(loads).toEqual(users.map(closed))
  })
})

describe('sweep', () => {
  test.each([
    [
      '1, 2, 4 and 8 users',
      [],
      [1, 2, 4, 8].map(closed),
      'more load still gives more: it is not saturated at concurrency 8',
    ],
    [
      'what was chosen',
      [closed(3), closed(5)],
      [closed(3), closed(5)],
      'more load still gives more: it is not saturated at concurrency 5',
    ],
  ])('%s', async (_, loads, expected, finding) => {
    const swept = await run('sweep', { loads })
    expect(swept.loads).toEqual(expected)
    expect(swept.findings).toEqual([finding])
    expect(swept.told.every(({ options }) => options.calibrate)).toBe(true)
  })

  test('from a single load on, twice as much until more gives no more', async () => {
    const { loads, findings } = await run('sweep', { loads: [closed(5)] })
    expect(loads).toEqual([5, 10, 20].map(closed))
    expect(findings[0]).toMatch(/^it saturates at concurrency 10 with 400 output tokens\/s and 100 ms for an answer$/)
    expect(findings[1]).toMatch(/^concurrency 20 gives \d\.\d % (more|fewer) tokens\/s and takes (1\.9\d|2) × as long$/)
  })

  test('an open loop ends where requests come faster than they are answered', async () => {
    const { loads, findings } = await run('sweep', { loads: [open(30)], measure: { seconds: 10 } })
    expect(loads).toEqual([30, 60, 120].map(open))
    expect(findings).toEqual([
      expect.stringMatching(/^it saturates at 60 requests\/s with 2\d\d output tokens\/s and 1\d\d ms for an answer$/),
      '120 requests/s is more than is answered: requests wait longer and longer',
    ])
  })
})

test('a sweep with objectives ends where the goodput falls', async () => {
  const { findings } = await run('sweep', {
    loads: [5, 10, 20].map(closed),
    objectives: [{ measure: 'ttft', belowMs: 50 }],
  })
  expect(findings[1]).toMatch(/^concurrency 20 lets the goodput fall from 100 to 0 requests\/s$/)
})

describe('slo', () => {
  const objectives = [{ measure: 'ttft', belowMs: 60 } as const]

  test('finds the greatest rate that holds, and says what is too much', async () => {
    const { told, findings, runs } = await run('slo', { objectives, measure: { seconds: 16 } })
    const [estimate, ...probes] = told
    expect(estimate).toMatchObject({
      spec: { load: closed(64), measure: { seconds: 5 } },
      options: { calibrate: true },
    })
    expect(probes[0]!.spec).toMatchObject({ load: { rate: 67 }, measure: { seconds: 4 } })
    const confirmed = probes.filter(({ options }) => options.label!.endsWith('confirmed'))
    expect(confirmed.length).toBeGreaterThan(1)
    for (const { spec, options } of confirmed) {
      expect(spec.measure).toEqual({ seconds: 16 })
      expect(options.calibrate).toBe(true)
    }
    const [answer, above] = findings
    const rate = Number(
      /the greatest rate at which 90\.0 % of the requests keep ttft < 60 ms is ([\d.]+) /.exec(answer!)?.[1],
    )
    expect(rate).toBeGreaterThan(80)
    expect(rate).toBeLessThan(100)
    expect(answer).toMatch(/: a goodput of [\d.]+ requests\/s, 9\d\.\d % of those offered, 0 failed$/)
    expect(above).toMatch(/^[\d.]+ requests\/s is too much: ([\d.]+ % keep it|requests wait longer and longer)$/)
    const held = runs.findLast(({ label }) => label === `${rate} requests/s, confirmed`)!
    expect(held.measures.goodput!.share).toBeGreaterThanOrEqual(0.9)
  })

  test('a chosen rate is where it begins, and a chosen share what must hold', async () => {
    const { loads, findings } = await run('slo', {
      objectives,
      share: 0.5,
      loads: [open(40)],
      measure: { requests: 400 },
    })
    expect(loads[0]).toEqual(open(40))
    expect(findings[0]).toContain('50.0 % of the requests')
  })

  test('what no rate keeps is said', async () => {
    const { findings } = await run('slo', {
      objectives: [{ measure: 'e2e', belowMs: 50 }],
      loads: [open(64)],
      measure: { requests: 40 },
    })
    expect(findings).toEqual([
      'no rate was found at which 90.0 % of the requests keep e2e < 50 ms: not even 0.0625 requests/s',
    ])
  })

  test('without objectives there is nothing to search', async () => {
    await expect(run('slo', {})).rejects.toMatchObject({ code: 'invalid_request' })
  })
})

describe('scaling', () => {
  const targets = scalingTargets('gpus-{n}', [1, 2, 4])
  /** Twice as large is 1.8 times as fast. */
  const target = (name: string): QueueTarget => ({
    servers: 10,
    serviceMs: 100 / 1.8 ** Math.log2(Number(name.slice(5))),
  })

  test('speed-up is by tokens per second against the first, and efficiency by size', async () => {
    const { findings, told } = await run('scaling', { targets, sizes: [1, 2, 4] }, target)
    expect(told[0]!.spec).not.toHaveProperty('sizes')
    expect(told.map(({ spec, options }) => [spec.target, options.parameters])).toEqual(
      [1, 2, 4].map(size => [`gpus-${size}`, { concurrency: 64, size, target: `gpus-${size}` }]),
    )
    // What is under way at the end counts, which lasts longest where it is slow.
    expect(findings).toEqual([
      expect.stringMatching(/^1 × gpus-1: 388 output tokens\/s, speed-up 1, efficiency 100\.0 %$/),
      expect.stringMatching(/^2 × gpus-2: 7\d\d output tokens\/s, speed-up 1\.8\d*, efficiency 91\.\d %$/),
      expect.stringMatching(/^4 × gpus-4: 1\d\d0 output tokens\/s, speed-up 3\.3\d*, efficiency 8[23]\.\d %$/),
    ])
  })

  test('of targets whose size is not known no efficiency is told', async () => {
    const { findings, told } = await run('scaling', { targets, loads: [closed(10)] }, target)
    expect(findings[1]).toMatch(/speed-up 1\.8\d?$/)
    expect(told[0]!.options).toMatchObject({ label: 'gpus-1', parameters: { target: 'gpus-1' } })
  })
})

describe('cache', () => {
  test('new prompts, known ones, and such as begin alike', async () => {
    const { told, findings } = await run('cache', { measure: { requests: 10 }, work: { ...WORK, variant: 5 } })
    expect(told.map(({ spec }) => [spec.warmUp, spec.measure, spec.work])).toEqual([
      [{ requests: 3 }, { requests: 10 }, { ...WORK, variant: 5, sharedPrefix: 0 }],
      [{ requests: 10 }, { requests: 10 }, { ...WORK, variant: 6, sharedPrefix: 0, distinct: 10 }],
      [{ requests: 3 }, { requests: 10 }, { ...WORK, variant: 7, sharedPrefix: 75 }],
    ])
    expect(findings).toEqual([
      "cold: TTFT 10 ms, 0.0 % of the prompts' tokens were cached",
      "warm: TTFT 10 ms, 1 × as fast, 0.0 % of the prompts' tokens were cached",
      "shared prefix: TTFT 10 ms, 1 × as fast, 0.0 % of the prompts' tokens were cached",
    ])
  })

  test.each([
    [
      { work: { kind: 'file', path: 'a.txt' } as const },
      'prompts of a file may be known already: cold ones are random',
    ],
    [{ measure: { seconds: 5 } }, 'give a number of requests, not a time: so many are asked again'],
  ])('%j is refused', async (settings, message) => {
    await expect(run('cache', settings)).rejects.toMatchObject({ code: 'invalid_request', message })
  })
})

describe('pair', () => {
  test('both in turn, each block with arrivals and lengths of its own and words that nobody knows', async () => {
    const { told } = await run('pair', { targets: ['one', 'two'], blocks: 3, measure: { seconds: 6 } })
    expect(
      told.map(({ spec, options }) => [spec.target, options.parameters!.target, options.parameters!.block]),
    ).toEqual([
      ['one', 'A', 0],
      ['two', 'B', 0],
      ['two', 'B', 1],
      ['one', 'A', 1],
      ['one', 'A', 2],
      ['two', 'B', 2],
    ])
    expect(told.map(({ spec }) => spec.seed)).toEqual([7, 7, 8, 8, 9, 9])
    expect(new Set(told.map(({ spec }) => (spec.work as SyntheticSpec).variant)).size).toBe(6)
    expect(told[0]!.spec.measure).toEqual({ seconds: 2 })
    expect(told.map(({ options }) => options.calibrate)).toEqual([true, false, false, false, false, false])
  })

  test('needs two targets', async () => {
    await expect(run('pair', {})).rejects.toMatchObject({ code: 'invalid_request', message: 'a pair is two targets' })
  })
})

describe.each(Object.keys(PRESETS))('%s, when it does not come to its end', name => {
  const settings: PresetSettings = {
    ...SETTINGS,
    targets: ['one', 'two'],
    objectives: [{ measure: 'ttft', belowMs: 60 }],
    measure: { requests: 5 },
    loads: name === 'run' || name === 'throughput' || name === 'sweep' ? [closed(1), closed(2)] : [],
  }
  const measure = queueMeasure(() => TEN)

  test('a run that was interrupted is kept, and none follows', async () => {
    const controller = new AbortController()
    let runs = 0
    const result = await PRESETS[name]!.run(settings, {
      signal: controller.signal,
      measure: async (spec, options) => {
        runs++
        const { report, records } = await measure(spec, options)
        controller.abort()
        return { report: { ...report, cutShort: 'interrupted' }, records }
      },
    })
    expect([runs, result.runs.length]).toEqual([1, 1])
  })

  test('a run that was interrupted before it began is none', async () => {
    const controller = new AbortController()
    const result = await PRESETS[name]!.run(settings, {
      signal: controller.signal,
      measure: async () => {
        controller.abort()
        throw new AbortedError()
      },
    })
    expect(result.runs).toEqual([])
  })

  test('a target that is lost ends it', async () => {
    let runs = 0
    const result = await PRESETS[name]!.run(settings, {
      measure: async (spec, options) => {
        runs++
        const { report, records } = await measure(spec, options)
        return { report: { ...report, cutShort: 'the target is gone' }, records }
      },
    })
    expect([runs, result.runs.length]).toEqual([1, 1])
  })

  test('a target that cannot be opened is an error', async () => {
    const failed = new UnreachableError('nobody is there')
    await expect(PRESETS[name]!.run(settings, { measure: () => Promise.reject(failed) })).rejects.toBe(failed)
  })
})
