import { expect, test } from 'vitest'
import type { DispatchReport } from '../../dispatch/index.ts'
import type { Config } from '../config.ts'
import { terminalOf, withinRank } from '../rank-terminal.ts'
import { resolveConfig } from '../resolve-config.ts'
import type { World } from '../world.ts'
import { DispatchProgress } from './progress.ts'
import { reportText } from './report-text.ts'
import { dispatchOptions } from './settings.ts'
import { postPlace } from './values.ts'

const config = (given: Readonly<Record<string, unknown>>): Promise<Config> =>
  resolveConfig(given, undefined, { env: {}, cwd: '/' })

test('what is chosen on the command line is what ranks are told', async () => {
  const given = { prompts: 'p', output: 'o', targets: ['a,b'], timeout: '30s', cudaPost: true, maxTokens: '64' }
  expect(dispatchOptions(await config({ ...given, gpuMap: '0,1', streaming: false, ignoreEos: true }))).toEqual({
    prompts: 'p',
    output: 'o',
    send: 'auto',
    open: { remote: { streaming: false } },
    sampling: { maxTokens: 64, ignoreEos: true },
    targets: ['a,b'],
    retries: 2,
    policy: 'pull',
    inflight: 8,
    heartbeatTimeoutMs: 5000,
    timeoutMs: 30_000,
    gpuMap: [0, 1],
    resume: false,
    force: false,
    post: { where: 'cuda', rounds: 5000 },
  })
})

test('what is missing is said', async () => {
  expect(() => dispatchOptions({} as Config)).toThrow('give --prompts FILE')
  expect(() => dispatchOptions({ prompts: 'p' } as Config)).toThrow('give --output FILE')
  const tokens = await config({ prompts: 'p', output: 'o', send: 'tokens' })
  expect(() => dispatchOptions(tokens)).toThrow('is sent as text or chat')
})

test('--cuda-post alone is on the GPU', () => {
  expect(['cuda', true, 'cpu', 'gpu'].map(postPlace.read)).toEqual(['cuda', 'cuda', 'cpu', undefined])
})

const output = (isTTY: boolean) => {
  const written: string[] = []
  const write = (text: string) => written.push(text) > 0
  return { written, write, isTTY, columns: 60, once: () => {} }
}

const at = (elapsedMs: number) => ({ jobs: 8, done: 2, failed: 1, inFlight: 4, elapsedMs })

test('progress: a bar on a terminal, a line every ten seconds elsewhere, nothing when quiet', () => {
  const terminal = output(true)
  const bar = new DispatchProgress(terminal, { quiet: false })
  bar.update(at(1000))
  bar.say('rank 2 is back')
  expect(terminal.written).toEqual([
    '\r\x1b[K██████░░░░░░░░░░░░░░░░░░ 2 of 8 done · 4 in flight · 1 fail',
    '\r\x1b[K',
    'rank 2 is back\n',
  ])
  const pipe = output(false)
  const lines = new DispatchProgress(pipe, { quiet: false })
  for (const ms of [500, 9999, 10_000, 15_000, 20_500]) lines.update(at(ms))
  expect(pipe.written).toEqual([
    '2 of 8 done · 4 in flight · 1 failed · 10 s\n',
    '2 of 8 done · 4 in flight · 1 failed · 21 s\n',
  ])
  const silent = output(false)
  new DispatchProgress(silent, { quiet: true }).update(at(10_000))
  expect(silent.written).toEqual([])
})

test('a rank’s terminal is the one of whoever started it, and not the one that mpirun gives it', () => {
  const rank = { env: {}, stdout: output(true), stderr: output(true) } as unknown as World
  expect(withinRank(rank).stdout.isTTY).toBe(false)
  const env = terminalOf({ stdout: output(true), stderr: output(true) })
  expect(withinRank({ ...rank, env }).stderr).toMatchObject({ isTTY: true, columns: 60 })
  expect(terminalOf({ stdout: output(false), stderr: output(true) })).toEqual({})
})

test('without a single answer there is no table, only what happened', () => {
  const none = { count: 2, ok: 0, failed: 2, errors: { unreachable: 2 }, promptTokens: 0, outputTokens: 0 }
  const report = {
    jobs: 2,
    wallMs: 1500,
    doneBefore: 0,
    notDone: 0,
    gaveUp: 0,
    requeued: 0,
    lost: [1],
    all: { ...none, requestsPerSecond: 0, outputTokensPerSecond: 0 },
    ranks: [],
    lead: { cpuUsPerJob: 1, messageUsPerJob: 1, messagesPerJob: 1, lagP99Ms: 1 },
    books: 'not compared',
  } as unknown as DispatchReport
  expect(reportText(report, { stdout: output(false), env: {} })).toMatchInlineSnapshot(`
    "0 of 2 jobs in 1.50 s: 0.00 requests/s, 0.0 output tokens/s (0 prompt, 0 output tokens)
    2 failed: 2 × unreachable
    lost: rank 1
    "
  `)
})
