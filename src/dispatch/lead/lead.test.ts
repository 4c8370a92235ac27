import { expect, test } from 'vitest'
import { VirtualClock } from '../../clock/index.ts'
import { VERSION } from '../../version.ts'
import type { JobResult } from '../job-result.ts'
import type { LeadLink } from '../messages/link.ts'
import type { RankResult, ToLead, ToWorker } from '../messages/message.ts'
import { Lead, type LeadOptions } from './lead.ts'

/** Rank 0 with ranks that say what the test says. */
function scene(ranks: number, jobs: number, more: Partial<LeadOptions> = {}) {
  const clock = new VirtualClock()
  const told: { rank: number; message: ToWorker }[] = []
  const link: LeadLink = {
    ranks: Array.from({ length: ranks }, (_, i) => i + 1),
    post: (rank, message) => told.push({ rank, message }),
    onMessage: () => {},
    onFault: () => {},
    open: () => {},
    cost: { messages: 0, us: 0 },
  }
  const kept: JobResult[] = []
  const said: string[] = []
  const lead = new Lead({
    link,
    clock,
    host: 'one',
    jobs: { length: jobs, job: index => ({ index, input: { text: `prompt ${index}` } }) },
    keep: result => kept.push(result),
    onNotice: text => said.push(text),
    heartbeatTimeoutMs: 1000,
    inflight: 1,
    ...more,
  })
  const running = lead.run()
  const says = (rank: number, message: ToLead) => link.onMessage(rank, message)
  return {
    clock,
    kept,
    said,
    lead,
    running,
    link,
    says,
    hello: (rank: number, version = VERSION) => says(rank, { kind: 'hello', pid: process.pid, host: 'one', version }),
    ready: (rank: number) => says(rank, { kind: 'ready', slots: 8, target: 'mock:', device: '' }),
    answers: (rank: number, job: number, attempt: number, result: Partial<RankResult> = {}) =>
      says(rank, { kind: 'results', results: [{ ...ANSWER, job, attempt, ...result }] }),
    /** Jobs that a rank was handed, as `job/attempt`. */
    ordersOf: (rank: number) =>
      told.flatMap(each =>
        each.rank === rank && each.message.kind === 'jobs'
          ? each.message.jobs.map(({ job, attempt }) => `${job}/${attempt}`)
          : [],
      ),
    kindsTo: (rank: number) => told.filter(each => each.rank === rank).map(({ message }) => message.kind),
  }
}

const ANSWER: RankResult = {
  job: 0,
  attempt: 1,
  ok: true,
  text: 'yes',
  promptTokens: 2,
  cachedTokens: 0,
  outputTokens: 1,
  ttftMs: 10,
  serviceMs: 20,
  heldMs: 30,
  tries: 1,
}

test('times begin when there is a rank for the jobs; half of what is on the way was on the way there', async () => {
  const { clock, hello, ready, answers, running, kept } = scene(1, 2)
  hello(1)
  await clock.advance(100)
  ready(1)
  await clock.advance(50)
  answers(1, 0, 1)
  await clock.advance(40)
  answers(1, 1, 1)
  const { wallMs } = await running
  expect(kept.map(({ latencyMs, waitMs, ttftMs }) => [latencyMs, waitMs, ttftMs])).toEqual([
    [50, 0, 20],
    [90, 50, 15],
  ])
  expect(wallMs).toBe(90)
})

test('a job whose ranks are all lost is given up, and that is its result', async () => {
  const { clock, hello, ready, running, kept, said, ordersOf } = scene(4, 1, { maxAttempts: 3 })
  for (const rank of [1, 2, 3, 4]) hello(rank)
  for (const rank of [1, 2, 3]) {
    ready(rank)
    await clock.advance(1400)
  }
  const { lost, counts } = await running
  expect([1, 2, 3].flatMap(ordersOf)).toEqual(['0/1', '0/2', '0/3'])
  expect(kept).toMatchObject([{ index: 0, ok: false, rank: 3, attempts: 3, error: { code: 'rank_lost' } }])
  expect(lost).toEqual([1, 2, 3])
  expect(counts.gaveUp).toBe(1)
  expect(said).toHaveLength(3)
})

test('a lost rank that speaks is told to let go, and what it said of its old jobs is void', async () => {
  const { clock, hello, ready, answers, running, kept, ordersOf, kindsTo } = scene(2, 1)
  for (const rank of [1, 2]) hello(rank)
  ready(1)
  await clock.advance(1400)
  answers(1, 0, 1, { text: 'late' })
  expect(kindsTo(1)).toContain('again')
  expect(kept).toEqual([])
  ready(1)
  expect(ordersOf(1)).toEqual(['0/1', '0/2'])
  answers(1, 0, 1, { text: 'later still' })
  expect(kept).toEqual([])
  answers(1, 0, 2)
  await running
  expect(kept).toMatchObject([{ text: 'yes', attempts: 2 }])
})

test('who cannot be understood, or is of another version, is left out for good', async () => {
  const { hello, ready, answers, running, link, said, ordersOf, lead } = scene(3, 1)
  hello(1)
  hello(2, '0.0.0')
  hello(3)
  link.onFault(1, new Error('a message is no JSON'))
  ready(1)
  ready(2)
  expect([...ordersOf(1), ...ordersOf(2)]).toEqual([])
  ready(3)
  answers(3, 0, 1)
  await running
  expect(said.join('\n')).toMatch(/left out, as it runs version 0\.0\.0.*\n.*left out, as a message is no JSON/)
  expect(lead.roll.of(2)).toMatchObject({ excluded: true })
})

test('SIGTERM: 0.8 s for what runs', async () => {
  const { clock, hello, ready, running, lead } = scene(1, 3)
  hello(1)
  ready(1)
  lead.stop('SIGTERM')
  await clock.advance(799)
  let over = false
  void running.then(() => {
    over = true
  })
  await clock.advance(0)
  expect(over).toBe(false)
  await clock.advance(1)
  expect(await running).toMatchObject({ state: 'stopped', stop: 'SIGTERM', counts: { waiting: 2, inFlight: 1 } })
})

test('a second signal is waited for no longer, but not its echo from a rank', async () => {
  const { hello, ready, running, lead, says } = scene(1, 3)
  hello(1)
  ready(1)
  lead.stop('SIGINT')
  says(1, { kind: 'signal', signal: 'SIGINT' })
  says(1, { kind: 'beat', inFlight: 1 })
  lead.stop('SIGINT')
  expect(await running).toMatchObject({ state: 'stopped', counts: { inFlight: 1 } })
})

test('results that cannot be kept end the run', async () => {
  const full = new Error('the disk is full')
  const { hello, ready, answers, running } = scene(1, 2, {
    keep: () => {
      throw full
    },
  })
  hello(1)
  ready(1)
  answers(1, 0, 1)
  await expect(running).rejects.toBe(full)
})

test('ranks are told where they stand on their hosts once all are there, or when it has been long', async () => {
  const { clock, hello, kindsTo, lead, running } = scene(3, 1)
  hello(1)
  hello(2)
  expect(kindsTo(1)).not.toContain('welcome')
  await clock.advance(800)
  expect(kindsTo(1)).toContain('welcome')
  hello(3)
  expect(kindsTo(3)).toContain('welcome')
  expect(lead.roll.seatOf(3)).toEqual({ localWorker: 2, localWorkers: 3 })
  lead.stop('SIGINT')
  expect(await running).toMatchObject({ state: 'stopped', wallMs: 0 })
})
