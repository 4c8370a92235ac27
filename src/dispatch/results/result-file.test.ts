import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JobResult } from '../job-result.ts'
import { ResultFile, type ResultFileOptions } from './result-file.ts'
import { lineOf } from './result-line.ts'
import { sampleResult } from './testing/sample-result.ts'

/** Memory, where there is such a folder: what a disk takes to sync, a thousand times, is not what is tested. */
const FOLDERS = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

let folder: string
let path: string
let journal: string
beforeEach(() => {
  folder = mkdtempSync(join(FOLDERS, 'warpline-results-'))
  path = join(folder, 'out.jsonl')
  journal = `${path}.partial`
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (jobs: number, more: Partial<ResultFileOptions> = {}) =>
  ResultFile.open({ path, jobs, digest: 'd', ...more })

const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1)
const written = () => linesOf(path).map(line => JSON.parse(line) as JobResult)
const indexes = () => written().map(({ index }) => index)

/** As a run that is not interrupted writes it. */
const whole = (jobs: number) => Array.from({ length: jobs }, (_, i) => lineOf(sampleResult(i))).join('')

/** Resumes and does what is missing. */
async function finish(jobs: number, more: Partial<ResultFileOptions> = {}): Promise<readonly number[]> {
  const file = await open(jobs, { resume: true, ...more })
  const missing = Array.from({ length: jobs }, (_, i) => i).filter(i => !file.has(i))
  expect(file.doneBefore + missing.length).toBe(jobs)
  for (const index of missing.toReversed()) file.add(sampleResult(index))
  await file.close()
  return missing
}

describe('order', () => {
  test('results stand in the order of the jobs, in whatever order they come', async () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 })
    await fc.assert(
      fc.asyncProperty(order, async order => {
        const file = await open(7, { force: true })
        for (const index of order) file.add(sampleResult(index))
        expect([file.missing, file.early]).toEqual([0, 0])
        await file.close()
        expect(readFileSync(path, 'utf8')).toBe(whole(7))
        expect(existsSync(journal)).toBe(false)
      }),
      { numRuns: 25 },
    )
  })

  test('what comes early is in the journal as soon as it came, and in the file when it is its turn', async () => {
    const file = await open(3)
    file.add(sampleResult(2))
    file.add(sampleResult(0))
    await file.flush()
    expect(indexes()).toEqual([0])
    expect(linesOf(journal).slice(1)).toEqual([lineOf(sampleResult(2)).trimEnd()])
    expect(file.early).toBe(1)
    file.add(sampleResult(1))
    await file.flush()
    expect(indexes()).toEqual([0, 1, 2])
    await file.close()
  })

  test('no jobs are an empty file', async () => {
    await (await open(0)).close()
    expect(readFileSync(path, 'utf8')).toBe('')
    expect(existsSync(journal)).toBe(false)
  })

  test('a job has one result', async () => {
    const file = await open(2)
    file.add(sampleResult(1))
    expect(() => file.add(sampleResult(1))).toThrow('job 1 has its result, or is none')
    expect(() => file.add(sampleResult(2))).toThrow('job 2 has its result, or is none')
    await file.close()
    expect(() => file.add(sampleResult(0))).toThrow('the results are closed')
  })
})

describe('resume', () => {
  test('an interrupted run leaves all that it did, in order, and the next goes on from there', async () => {
    const file = await open(6)
    for (const index of [4, 0, 2]) file.add(sampleResult(index))
    await file.close()
    expect(indexes()).toEqual([0, 2, 4])
    expect(await finish(6)).toEqual([1, 3, 5])
    expect(readFileSync(path, 'utf8')).toBe(whole(6))
    expect(existsSync(journal)).toBe(false)
  })

  test('failed jobs are run again', async () => {
    const error = { code: 'unreachable', message: 'no' }
    const first = await open(4)
    for (const index of [0, 1, 2, 3]) first.add(sampleResult(index, index % 2 === 1 ? { ok: false, error } : {}))
    await first.close()
    expect(written().map(({ ok }) => ok)).toEqual([true, false, true, false])
    const second = await open(4, { resume: true })
    expect([0, 1, 2, 3].map(index => second.has(index))).toEqual([true, false, true, false])
    second.add(sampleResult(1))
    second.add(sampleResult(3, { ok: false, error }))
    await second.close()
    expect(written().map(({ ok }) => ok)).toEqual([true, true, true, false])
    expect(await finish(4)).toEqual([3])
    expect(readFileSync(path, 'utf8')).toBe(whole(4))
  })

  test('without an earlier run it begins', async () => {
    expect(await finish(3)).toEqual([0, 1, 2])
    rmSync(path)
    writeFileSync(path, '')
    expect(await finish(3)).toEqual([0, 1, 2])
  })

  test('a run that was killed once all was done has nothing left to do', async () => {
    const file = await open(2)
    for (const index of [0, 1]) file.add(sampleResult(index))
    await file.flush()
    expect(await finish(2)).toEqual([])
    expect(readFileSync(path, 'utf8')).toBe(whole(2))
    await file.close().catch(() => {})
  })
})

describe('a crash', () => {
  const JOBS = 7

  /** What lies on the disk in the midst of a run that was resumed: 2 and 5 are missing, and 1 is in the journal still. */
  async function crashed(): Promise<{ readonly results: Buffer; readonly early: Buffer }> {
    const first = await open(JOBS)
    first.add(sampleResult(6))
    await first.close()
    const second = await open(JOBS, { resume: true })
    for (const index of [4, 1, 0, 3]) second.add(sampleResult(index))
    await second.flush()
    const bytes = { results: readFileSync(path), early: readFileSync(journal) }
    await second.close()
    return bytes
  }

  const lay = (results: Buffer, early: Buffer) => {
    writeFileSync(path, results)
    writeFileSync(journal, early)
  }

  test('loses nothing that was written', async () => {
    const { results, early } = await crashed()
    lay(results, early)
    expect(await finish(JOBS)).toEqual([2, 5])
    expect(readFileSync(path, 'utf8')).toBe(whole(JOBS))
  })

  test('at any byte of the results or the journal: resumed, the file is as if nothing had happened', async () => {
    const { results, early } = await crashed()
    const header = early.indexOf('\n') + 1
    const cuts = [
      ...Array.from({ length: results.length }, (_, i) => [i, early.length] as const),
      ...Array.from({ length: early.length - header }, (_, i) => [results.length, header + i] as const),
    ]
    for (const [a, b] of cuts) {
      lay(results.subarray(0, a), early.subarray(0, b))
      const missing = await finish(JOBS)
      expect(missing).toEqual(expect.arrayContaining([2, 5]))
      expect(readFileSync(path, 'utf8')).toBe(whole(JOBS))
    }
  })

  test('of a journal’s beginning cannot be, as a journal is there whole or not at all: it is refused', async () => {
    const { results, early } = await crashed()
    for (const cut of [0, 1, early.indexOf('\n')]) {
      lay(results, early.subarray(0, cut))
      await expect(open(JOBS, { resume: true })).rejects.toMatchObject({ code: 'not_resumable' })
      expect(readFileSync(path)).toEqual(results)
    }
  })

  test('while an earlier one is taken up, between journal and results, does no harm', async () => {
    const { results, early } = await crashed()
    lay(results, early)
    const torn = Buffer.from(lineOf(sampleResult(5)).slice(0, 20))
    const file = await open(JOBS, { resume: true })
    const rewritten = readFileSync(journal)
    await file.close()
    lay(Buffer.concat([results, torn]), rewritten)
    expect(await finish(JOBS)).toEqual([2, 5])
    expect(readFileSync(path, 'utf8')).toBe(whole(JOBS))
  })

  test('while the last lines are put into their order does no harm', async () => {
    const { results, early } = await crashed()
    lay(Buffer.concat([results, ...[3, 4].map(index => Buffer.from(lineOf(sampleResult(index))))]), early)
    expect(await finish(JOBS)).toEqual([2, 5])
    expect(readFileSync(path, 'utf8')).toBe(whole(JOBS))
  })

  test('of a failure that came early: it is run again', async () => {
    const file = await open(3)
    file.add(sampleResult(1, { ok: false }))
    file.add(sampleResult(2))
    await file.flush()
    const [results, early] = [readFileSync(path), readFileSync(journal)]
    await file.close()
    lay(results, early)
    expect(await finish(3)).toEqual([0, 1])
    expect(readFileSync(path, 'utf8')).toBe(whole(3))
  })

  test('after answers of megabytes loses nothing either', async () => {
    const file = await open(4)
    const long = [1, 3].map(index => sampleResult(index, { text: 'ä'.repeat(700_000) }))
    for (const result of [...long, sampleResult(0)]) file.add(result)
    await file.flush()
    const [results, early] = [readFileSync(path), readFileSync(journal)]
    await file.close()
    lay(results, early)
    expect(await finish(4)).toEqual([2])
    expect(readFileSync(path, 'utf8')).toBe([sampleResult(0), long[0]!, sampleResult(2), long[1]!].map(lineOf).join(''))
  })
})

test('whatever fails, and wherever runs are cut off: in the end each job has its one good result, in order', async () => {
  const JOBS = 8
  const cycle = fc.record({
    order: fc.shuffledSubarray(Array.from({ length: JOBS }, (_, i) => i)),
    failing: fc.array(fc.nat(JOBS - 1), { maxLength: 3 }),
    /** Bytes that never reached the disk, of each file; closed in good order where undefined. */
    torn: fc.option(fc.tuple(fc.nat(400), fc.nat(400)), { nil: undefined }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(cycle, { maxLength: 5 }), async cycles => {
      for (const file of [path, journal]) rmSync(file, { force: true })
      for (const { order, failing, torn } of cycles) {
        if (existsSync(path) && !existsSync(journal)) break
        const file = await open(JOBS, { resume: true })
        const before = Array.from({ length: JOBS }, (_, i) => file.has(i))
        for (const index of order) if (!before[index]) file.add(sampleResult(index, { ok: !failing.includes(index) }))
        if (torn === undefined) {
          await file.close()
          const done = written().filter(({ ok }) => ok)
          const good = (index: number) => before[index] || (order.includes(index) && !failing.includes(index))
          expect(done.map(({ index }) => index)).toEqual(before.flatMap((_, i) => (good(i) ? [i] : [])))
          continue
        }
        await file.flush()
        const [results, early] = [readFileSync(path), readFileSync(journal)]
        await file.close()
        writeFileSync(path, results.subarray(0, Math.max(0, results.length - torn[0])))
        const header = early.indexOf('\n') + 1
        writeFileSync(journal, early.subarray(0, Math.max(header, early.length - torn[1])))
      }
      if (existsSync(journal) || !existsSync(path)) await finish(JOBS)
      expect(readFileSync(path, 'utf8')).toBe(whole(JOBS))
      expect(existsSync(journal)).toBe(false)
    }),
    { numRuns: 50 },
  )
})

describe('what is there is not lost by mistake', () => {
  test('without --resume or --force an output that exists is refused', async () => {
    await finish(2)
    await expect(open(2)).rejects.toMatchObject({
      code: 'output_exists',
      message: `${path} exists already: go on with it by --resume, or have it replaced by --force`,
    })
    expect(readFileSync(path, 'utf8')).toBe(whole(2))
    const file = await open(1, { force: true })
    expect(file.has(0)).toBe(false)
    file.add(sampleResult(0))
    await file.close()
    expect(readFileSync(path, 'utf8')).toBe(whole(1))
  })

  test('a journal alone is refused too, and resumed', async () => {
    const file = await open(3)
    file.add(sampleResult(1))
    await file.flush()
    rmSync(path)
    await expect(open(3)).rejects.toMatchObject({ code: 'output_exists' })
    expect(await finish(3)).toEqual([0, 2])
    await file.close().catch(() => {})
  })

  test.each<[string, Partial<ResultFileOptions>]>([
    ['other prompts or settings', { digest: 'e' }],
    ['more jobs', { jobs: 9 }],
  ])('%s: the results are refused by name and stay as they are', async (_, more) => {
    const file = await open(3)
    file.add(sampleResult(1))
    await file.close()
    const before = [readFileSync(path), readFileSync(journal)]
    await expect(open(3, { resume: true, ...more })).rejects.toMatchObject({
      code: 'not_resumable',
      message: `${journal} cannot be resumed: it is of other prompts, or of these with other settings`,
    })
    expect([readFileSync(path), readFileSync(journal)]).toEqual(before)
  })

  test('a complete file is not resumed, as nothing tells whose answers it holds', async () => {
    await finish(2)
    await expect(open(2, { resume: true })).rejects.toMatchObject({
      code: 'not_resumable',
      message: `${path} cannot be resumed: it is complete, or no dispatch's: there is no ${journal} beside it`,
    })
  })

  test.each([
    ['no JSON', 'hello\n'],
    ['no result', '{"prompt": "One"}\n'],
    ['a job that there is not', lineOf(sampleResult(3))],
    ['not in order', lineOf(sampleResult(1)) + lineOf(sampleResult(0))],
  ])('%s is not what a dispatch wrote', async (_, text) => {
    const file = await open(3)
    file.add(sampleResult(1))
    await file.close()
    writeFileSync(path, text)
    const error = await open(3, { resume: true }).catch(error => error)
    expect(error).toMatchObject({ code: 'not_resumable' })
    expect(error.message).toMatch(/out\.jsonl:[12] cannot be resumed: that is not what a dispatch wrote$/)
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})

describe('a disk that takes no more', () => {
  test('is told once, and no later result is taken for kept', async () => {
    symlinkSync('/dev/full', path)
    const told: string[] = []
    const file = await open(3, { onFailure: ({ code }) => told.push(code) })
    file.add(sampleResult(0))
    await expect(file.flush()).rejects.toMatchObject({ code: 'output_failed' })
    expect(() => file.add(sampleResult(1))).toThrow(/out\.jsonl cannot be written: ENOSPC/)
    await expect(file.close()).rejects.toMatchObject({ code: 'output_failed' })
    expect(told).toEqual(['output_failed'])
  })

  test('a folder that is not there is named', async () => {
    await expect(open(1, { path: join(folder, 'no', 'out') })).rejects.toMatchObject({ code: 'output_failed' })
  })
})
