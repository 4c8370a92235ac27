import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Communicator, localGroup } from '../mpi/index.ts'
import { type DispatchHooks, type DispatchOptions, type DispatchReport, dispatch } from './index.ts'
import { executeFor } from './work/execute-for.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-losses-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Short, and still longer than a busy machine's loop stands still. */
const TIMEOUT_MS = 400

function options(jobs: number, more: Partial<DispatchOptions> = {}): DispatchOptions {
  const prompts = join(folder, 'prompts.txt')
  writeFileSync(prompts, Array.from({ length: jobs }, (_, i) => `prompt ${i}\n`).join(''))
  return {
    prompts,
    output: join(folder, 'out.jsonl'),
    targets: ['mock:?ttft=10ms&itl=1ms&tokens=4'],
    heartbeatTimeoutMs: TIMEOUT_MS,
    ...more,
  }
}

interface Line {
  readonly index: number
  readonly ok: boolean
  readonly rank: number
  readonly error?: { readonly code: string }
}

function results(name = 'out.jsonl'): Line[] {
  const path = join(folder, name)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return text
    .split('\n')
    .filter(line => line.startsWith('{"index"'))
    .map(line => JSON.parse(line))
}

/** Those whose turn has not come as well. */
const kept = () => new Set([...results(), ...results('out.jsonl.partial')].map(({ index }) => index)).size

const indexes = () => results().map(({ index }) => index)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

/** Ranks of this process; what is done to them is said by the run's progress. */
function start(size: number, options: DispatchOptions, hooks: DispatchHooks = {}) {
  const group = localGroup(size)
  const workers = group.slice(1).map(member => executeFor(options, member, {}))
  const said: string[] = []
  const onNotice = (text: string) => said.push(text)
  const lead = dispatch(options, { env: {}, openGroup: async () => group[0] as Communicator, onNotice, ...hooks })
  return {
    group,
    workers,
    said,
    report: lead.then(({ report }): DispatchReport => report!),
    /** Resolves once so many results are on the disk. */
    until: async (count: number) => {
      while (kept() < count) await new Promise(resolve => setTimeout(resolve, 5))
    },
  }
}

test('a rank that dies is named, and its jobs are done by others, each once', async () => {
  const run = start(4, options(60))
  await run.until(5)
  run.group.kill(2)
  const report = await run.report
  expect(indexes()).toEqual(upTo(60))
  expect(report).toMatchObject({ state: 'done', lost: [2], all: { ok: 60 }, books: 'not compared' })
  expect(report.requeued).toBeGreaterThan(0)
  expect(run.said.join()).toContain('rank 2')
  expect(run.said.join()).toContain('was silent for 0.4 s')
})

test('a rank that stands still comes back, and works again; what it says late does not count', async () => {
  const run = start(3, options(300, { inflight: 4 }))
  await run.until(5)
  run.group.freeze(1)
  const before = results().filter(({ rank }) => rank === 1).length
  while (run.said.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  run.group.thaw(1)
  const report = await run.report
  expect(indexes()).toEqual(upTo(300))
  expect(report).toMatchObject({ state: 'done', lost: [], notDone: 0 })
  expect(run.said.join()).toContain('is back')
  expect(results().filter(({ rank }) => rank === 1).length).toBeGreaterThan(before)
})

test('a rank that is lost at the end holds nobody up', async () => {
  const run = start(3, options(4))
  await run.until(4)
  run.group.freeze(1)
  const report = await run.report
  expect(indexes()).toEqual(upTo(4))
  expect(report.all.ok).toBe(4)
}, 15_000)

test('where all ranks are lost, it ends with what there is, and resume does the rest', async () => {
  const first = start(2, options(40))
  await first.until(3)
  first.group.kill(1)
  const report = await first.report
  expect(report).toMatchObject({ state: 'stuck', lost: [1] })
  expect(report.notDone).toBeGreaterThan(0)
  const again = await start(2, options(40, { resume: true })).report
  expect(again).toMatchObject({ state: 'done', doneBefore: 40 - report.notDone })
  expect(indexes()).toEqual(upTo(40))
})

test.each(['pull', 'steal', 'round-robin'] as const)(
  '%s: a target that does not open keeps its rank out of it, and no other',
  async policy => {
    const targets = ['mock:?nonsense=1', 'mock:?ttft=1ms&itl=0ms&tokens=2']
    const report = await start(3, options(10, { targets, policy })).report
    expect(report).toMatchObject({ state: 'done', all: { ok: 10 }, lost: [] })
    expect(new Set(results().map(({ rank }) => rank))).toEqual(new Set([2]))
  },
)

test('where no target opens, nothing is asked, and why is said once', async () => {
  await expect(start(3, options(10, { targets: ['mock:?nonsense=1'] })).report).rejects.toMatchObject({
    code: 'no_target',
    message: expect.stringMatching(
      /^no rank could open its target: mock: has no setting nonsense((?!has no setting).)*$/,
    ),
  })
})

test('Ctrl-C: what runs is finished, nothing more is begun, and the rest can be resumed', async () => {
  let stop: (signal: 'SIGINT' | 'SIGTERM') => void = () => {}
  const run = start(3, options(200, { inflight: 4 }), {
    onStop: run => {
      stop = run
    },
  })
  await run.until(10)
  stop('SIGINT')
  const report = await run.report
  expect(report).toMatchObject({ state: 'stopped', stop: 'SIGINT', all: { failed: 0 } })
  expect(report.notDone).toBeGreaterThan(0)
  expect(results()).toHaveLength(200 - report.notDone)
  for (const { ok } of await Promise.all(run.workers)) expect(ok).toBe(true)
})

test('SIGTERM leaves no time for what takes long', async () => {
  let stop: (signal: 'SIGINT' | 'SIGTERM') => void = () => {}
  const targets = ['mock:?ttft=1ms&itl=0ms&tokens=2', 'mock:?ttft=60s']
  const run = start(3, options(50, { targets, inflight: 4 }), {
    onStop: run => {
      stop = run
    },
  })
  await run.until(10)
  const began = performance.now()
  stop('SIGTERM')
  const report = await run.report
  expect(performance.now() - began).toBeLessThan(2000)
  expect(report).toMatchObject({ state: 'stopped', stop: 'SIGTERM' })
})

test('a rank ten times slower is no hindrance, as the others pull its share', async () => {
  const targets = ['mock:?ttft=100ms&itl=0ms&tokens=2', 'mock:?ttft=10ms&itl=0ms&tokens=2']
  const report = await start(3, options(60, { targets, inflight: 4 })).report
  expect(indexes()).toEqual(upTo(60))
  expect(report.wallMs).toBeLessThan(1000)
})
