import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Phase, RequestRecord } from '../src/bench/record/request-record.ts'
import type { RunProgress, RunSpec } from '../src/bench/run/run.ts'
import { type RunOptions, runLoad } from '../src/bench/run/run-load.ts'
import { machineMs } from '../src/clock/index.ts'
import { Process } from './process.ts'
import { serveMock } from './serve-mock.ts'

const spec: RunSpec = {
  target: 'mock:?ttft=4ms&itl=2ms&slots=64',
  work: { kind: 'synthetic', prompt: { kind: 'fixed', tokens: 8 }, output: { kind: 'fixed', tokens: 3 }, as: 'tokens' },
  load: { kind: 'closed', concurrency: 4 },
  seed: 1,
  warmUp: { requests: 8 },
  measure: { requests: 100 },
}
/** Longer than any test: it is over when the test says so. */
const endless = { seconds: 600 }
const of = (records: readonly RequestRecord[], phase: Phase) => records.filter(record => record.phase === phase)
const clients = () =>
  execFileSync('pgrep', ['-P', String(process.pid), '-f', 'client\\.process'], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number)

/** Does something, once, when all of so many processes have told of measured requests. */
function onceUnderWay(act: () => unknown, processes = 1): RunOptions {
  const seen = new Set<number>()
  let acted = false
  return {
    onRecords: records => {
      for (const { index } of of(records, 'measure')) seen.add(index % processes)
      if (acted || seen.size < processes) return
      acted = true
      act()
    },
  }
}

function expectWhole(records: readonly RequestRecord[], count: number): void {
  expect(of(records, 'measure')).toHaveLength(count)
  for (const record of of(records, 'measure')) {
    expect(record).toMatchObject({ outcome: 'ok', outputTokens: 3, askedTokens: 3, promptTokens: 8 })
    expect(record.arrivalTokens.reduce((sum, tokens) => sum + tokens, 0)).toBe(3)
    const times = [record.dueMs, record.sentMs, record.startMs!, ...record.arrivalsMs, record.endMs]
    expect(times).toEqual([...times].sort((a, b) => a - b))
  }
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length)
}

describe('a run', () => {
  test('measures a target that computes in a process of its own, and tells how far it has come', async () => {
    const before = machineMs()
    const progress: RunProgress[] = []
    const told: RequestRecord[] = []
    const result = await runLoad(
      { ...spec, processes: 3 },
      { onProgress: step => progress.push(step), onRecords: records => told.push(...records) },
    )
    expectWhole(result.records, 100)
    expect(of(result.records, 'warm-up')).toHaveLength(8)
    expect(told.map(({ id }) => id).sort()).toEqual(result.records.map(({ id }) => id).sort())
    expect(result).toMatchObject({ cutShort: null, info: { backend: 'mock' }, client: { processes: 1 } })
    expect(result.clockStartMs).toBeGreaterThan(before)
    expect(result.window.fromMs).toBe(of(result.records, 'measure')[0]!.dueMs)
    expect(result.window.toMs).toBeGreaterThan(result.window.fromMs)
    expect(result.client.cpu).toBeGreaterThan(0)
    expect(result.client.loopLag.max).toBeGreaterThanOrEqual(result.client.loopLag.p50)
    expect(progress[0]).toMatchObject({ phase: 'opening', done: 0 })
    expect(progress.at(-1)).toMatchObject({ done: 1, inFlight: 0 })
    expect(progress.at(-1)!.completed).toBeGreaterThanOrEqual(108)
  })

  test('drives a server from several processes, whose times and indices are of one run', async () => {
    await using mock = await serveMock({ ttftMs: 4, itlMs: 2, slots: 64 })
    const result = await runLoad({ ...spec, target: mock.server.url, processes: 2 })
    expectWhole(result.records, 100)
    expect(result.client.processes).toBe(2)
    const timelines = of(result.records, 'measure').map(({ timeline }) => timeline)
    for (const timeline of timelines) {
      const sum = timeline!.tokens.reduce((sum, tokens) => sum + tokens, 0)
      expect(sum).toBe(3)
      expect(timeline!.tokensAt).toHaveLength(timeline!.tokens.length)
    }
    // Both had slots of their own, and began at once.
    for (const rest of [0, 1]) {
      const own = result.records.filter(({ index }) => index % 2 === rest)
      expect(of(own, 'measure')).toHaveLength(50)
      expect(own[0]!.dueMs).toBe(0)
    }
  })

  test('makes an open load whatever becomes of it', async () => {
    await using mock = await serveMock({ ttftMs: 4, itlMs: 2, slots: 64 })
    const load = { kind: 'open', rate: 100, arrivals: 'poisson' } as const
    const target = mock.server.url
    const result = await runLoad({
      ...spec,
      target,
      load,
      processes: 2,
      warmUp: { seconds: 0.2 },
      measure: { seconds: 1 },
    })
    const indices = result.records.map(({ index }) => index)
    expect(indices).toEqual(indices.map((_, i) => i))
    expectWhole(result.records, result.records.filter(({ dueMs }) => dueMs >= 200 && dueMs < 1200).length)
    expect(result.window.toMs).toBe(1200)
  })
})

describe('a run that ends before its time', () => {
  test('keeps what was measured when it is interrupted', async () => {
    const controller = new AbortController()
    const result = await runLoad(
      { ...spec, measure: endless },
      { ...onceUnderWay(() => controller.abort()), signal: controller.signal },
    )
    expect(result.cutShort).toBe('interrupted')
    expect(of(result.records, 'measure').filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(0)
    expect(result.window.toMs).toBeLessThan(600_000)
  })

  test('has nothing to keep when it is interrupted before it began', async () => {
    await expect(runLoad(spec, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' })
    const controller = new AbortController()
    const running = runLoad(spec, { signal: controller.signal })
    controller.abort()
    await expect(running).rejects.toMatchObject({ code: 'aborted' })
  })

  test('a signal to its processes alone changes nothing', async () => {
    const result = await runLoad(
      { ...spec, measure: { requests: 500 } },
      onceUnderWay(() => {
        for (const pid of clients()) process.kill(pid, 'SIGINT')
      }),
    )
    expect(result.cutShort).toBeNull()
    expectWhole(result.records, 500)
  })

  test('keeps what a process told that died', async () => {
    await using mock = await serveMock({ ttftMs: 4, itlMs: 2, slots: 64 })
    const result = await runLoad(
      { ...spec, target: mock.server.url, processes: 2, measure: endless },
      onceUnderWay(() => process.kill(clients()[0]!, 'SIGKILL'), 2),
    )
    expect(result.cutShort).toBe('a process that makes load ended (SIGKILL)')
    expect(new Set(result.records.map(({ index }) => index % 2))).toEqual(new Set([0, 1]))
  })

  test('its processes do not outlive it, however busy they are', async () => {
    const busy = { ...spec, load: { kind: 'open', rate: 1e5, arrivals: 'constant' }, measure: endless }
    const program = `
      import { runLoad } from './dist/bench/run/run-load.js'
      await runLoad(${JSON.stringify(busy)}, { onRecords: () => console.log('under way') })`
    await using run = new Process(process.execPath, ['--input-type=module', '-e', program])
    await run.seen('under way')
    process.kill(run.child.pid!, 'SIGKILL')
    // What they say goes where it goes that started them: that is open as long as any of them is there.
    expect(await run.ended).toMatchObject({ signal: 'SIGKILL' })
  })

  test('says that the target is gone', async () => {
    await using mock = await serveMock({ ttftMs: 4, itlMs: 2, slots: 64 })
    const result = await runLoad(
      { ...spec, target: mock.server.url, measure: endless },
      onceUnderWay(() => mock[Symbol.asyncDispose]()),
    )
    expect(result.cutShort).toMatch(/^the last \d+ requests failed: .*ECONNREFUSED/)
    expect(of(result.records, 'measure').some(({ outcome }) => outcome === 'ok')).toBe(true)
    expect(of(result.records, 'measure').some(({ outcome }) => outcome === 'unreachable')).toBe(true)
  })
})

describe('a run that cannot begin', () => {
  test.each([
    ['nobody listens', { target: 'http://127.0.0.1:9' }, 'unreachable', /127\.0\.0\.1:9.*ECONNREFUSED/],
    ['a target that is none', { target: 'nowhere:' }, 'invalid_target', /^"nowhere:" begins with an unknown scheme/],
    ['a model that is not there', { target: 'no-such-model' }, 'invalid_target', /^no model "no-such-model"/],
  ] as const)('%s: one line, by its code', async (_, change, code, message) => {
    const error = await runLoad({ ...spec, ...change }).catch((error: unknown) => error as Error)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
    expect((error as Error).message).not.toContain('\n')
  })

  test('a file of prompts that is none', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'warpline-'))
    try {
      const path = join(directory, 'prompts.jsonl')
      writeFileSync(path, '{"prompt": "Once"}\n{"prompt": \n')
      const running = runLoad({ ...spec, work: { kind: 'file', path } })
      await expect(running).rejects.toMatchObject({
        code: 'bad_work_file',
        message: expect.stringMatching(/prompts\.jsonl:2: /),
      })
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
