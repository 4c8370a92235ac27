import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findMpirun, type MpirunKind } from '../src/dispatch/launch/find-mpirun.ts'
import { rankProcesses } from './dispatch/rank-processes.ts'
import { cli, type Ended, Process, run, warpline } from './process.ts'

const MPIS: readonly MpirunKind[] = ['openmpi', 'mpich']

/** Of each MPI that is installed here; skipped, with the reason, where it is not. */
const COMMANDS: Readonly<Record<MpirunKind, string | undefined>> = {
  openmpi: await commandOf('openmpi'),
  mpich: await commandOf('mpich'),
}

async function commandOf(kind: MpirunKind): Promise<string | undefined> {
  for (const name of [`mpirun.${kind}`, 'mpirun']) {
    const found = await findMpirun(name).catch(() => undefined)
    if (found?.kind === kind) return name
  }
  return undefined
}

const AS_ROOT = { OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' }
const QUICK = 'mock:?ttft=2ms&itl=0ms&tokens=4'
/** About two seconds of work for three ranks, so that what is done to them is done in its midst. */
const STEADY = 'mock:?ttft=40ms&itl=1ms&tokens=4'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-dispatch-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const output = () => join(folder, 'out.jsonl')

function command(jobs: number, ...more: readonly string[]): readonly string[] {
  const prompts = join(folder, 'prompts.txt')
  writeFileSync(prompts, Array.from({ length: jobs }, (_, i) => `prompt ${i}\n`).join(''))
  return ['dispatch', '--prompts', prompts, '--output', output(), '--json', '--heartbeat-timeout', '1s', ...more]
}

interface Line {
  readonly index: number
  readonly ok: boolean
  readonly rank: number
}

function lines(path: string): Line[] {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  // The last may be half there.
  return text
    .split('\n')
    .slice(0, -1)
    .filter(line => line.startsWith('{"index"'))
    .map(line => JSON.parse(line))
}

const indexes = () => lines(output()).map(({ index }) => index)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** Resolves once so many results are on the disk, be it out of turn. */
async function until(count: number, child: Process): Promise<void> {
  let over = false
  void child.ended.then(() => {
    over = true
  })
  const kept = () => new Set([...lines(output()), ...lines(`${output()}.partial`)].map(({ index }) => index)).size
  while (kept() < count) {
    if (over) throw new Error(`it ended before ${count} results:\n${child.stdout}\n${child.stderr}`)
    await pause(10)
  }
}

function signalRank(rank: number, signal: NodeJS.Signals): void {
  const found = rankProcesses(output()).find(each => each.rank === rank)
  if (found === undefined) throw new Error(`there is no rank ${rank}`)
  process.kill(found.pid, signal)
}

async function expectNobodyLeft(): Promise<void> {
  const deadline = performance.now() + 5000
  while (rankProcesses(output()).length > 0 && performance.now() < deadline) await pause(20)
  expect(rankProcesses(output())).toEqual([])
}

/** Standard output is the report alone, whatever becomes of ranks and whatever `mpirun` has to say of it. */
function report({ stdout }: Pick<Ended, 'stdout'>) {
  return JSON.parse(stdout)
}

describe.each(MPIS)('under %s', mpi => {
  const mpirun = COMMANDS[mpi]
  const oversubscribe = mpi === 'openmpi' ? ['--oversubscribe'] : []

  const ranks = (n: number, args: readonly string[]) =>
    run(mpirun!, [...oversubscribe, '-np', String(n), process.execPath, cli, ...args], { env: AS_ROOT })

  const started = (n: number, args: readonly string[]) => warpline([...args, '--ranks', String(n), '--mpirun', mpirun!])

  describe.skipIf(mpirun === undefined)(mpirun === undefined ? `skipped: ${mpi} is not installed` : mpirun, () => {
    test.each([1, 2, 3, 4, 8])('%i ranks: no jobs, fewer than ranks, some', async n => {
      for (const jobs of [0, Math.max(1, n - 2), 30]) {
        const ended = await ranks(n, command(jobs, '--target', QUICK, '--force'))
        expect(ended, ended.stderr).toMatchObject({ code: 0 })
        expect(indexes()).toEqual(upTo(jobs))
        expect(report(ended)).toMatchObject({
          state: 'done',
          all: { ok: jobs },
          books: n === 1 ? 'not compared' : 'agree',
        })
      }
    })

    test('old defect 11: a rank that is killed is named, and its jobs are done by others, each once', async () => {
      await using child = started(4, command(150, '--target', STEADY))
      await until(10, child)
      signalRank(2, 'SIGKILL')
      const ended = await child.ended
      expect(ended, ended.stderr).toMatchObject({ code: 0 })
      expect(indexes()).toEqual(upTo(150))
      expect(report(ended)).toMatchObject({ state: 'done', lost: [2], all: { ok: 150 } })
      expect(ended.stderr).toContain('rank 2')
      await expectNobodyLeft()
    })

    test('a rank that stands still for good is ended with the rest', async () => {
      await using child = started(4, command(150, '--target', STEADY))
      await until(10, child)
      signalRank(3, 'SIGSTOP')
      const ended = await child.ended
      expect(ended, ended.stderr).toMatchObject({ code: 0 })
      expect(indexes()).toEqual(upTo(150))
      expect(report(ended)).toMatchObject({ state: 'done', lost: [3], all: { ok: 150 } })
      await expectNobodyLeft()
    })

    test('a rank that stood still is taken in again', async () => {
      await using child = started(3, command(300, '--target', STEADY))
      await until(10, child)
      signalRank(1, 'SIGSTOP')
      await child.seen('was silent for 1 s')
      signalRank(1, 'SIGCONT')
      await child.seen('is back, and gets jobs again')
      const ended = await child.ended
      expect(ended, ended.stderr).toMatchObject({ code: 0 })
      expect(indexes()).toEqual(upTo(300))
      expect(report(ended)).toMatchObject({ state: 'done', lost: [], all: { ok: 300 } })
      await expectNobodyLeft()
    })

    test('a rank that dies before its first job, and one that dies with its last', async () => {
      await using child = started(
        4,
        command(12, '--target', `${STEADY}&load=600ms`, '--target', 'mock:?ttft=1500ms&tokens=1'),
      )
      while (rankProcesses(output()).length < 4) await pause(10)
      // Its target is still being opened.
      await child.seen('rank 2 on')
      signalRank(1, 'SIGKILL')
      await until(6, child)
      signalRank(2, 'SIGKILL')
      const ended = await child.ended
      expect(ended, ended.stderr).toMatchObject({ code: 0 })
      expect(indexes()).toEqual(upTo(12))
      expect(report(ended)).toMatchObject({ state: 'done', lost: [1, 2], all: { ok: 12 } })
      await expectNobodyLeft()
    })

    test('without recovery all end with a rank that is killed, and --resume does the rest', async () => {
      const args = command(150, '--target', STEADY)
      await using child = new Process(mpirun!, [...oversubscribe, '-np', '4', process.execPath, cli, ...args], {
        env: AS_ROOT,
      })
      await until(10, child)
      signalRank(2, 'SIGKILL')
      expect((await child.ended).code).not.toBe(0)
      const ended = await ranks(3, [...args, '--resume'])
      expect(ended, ended.stderr).toMatchObject({ code: 0 })
      expect(indexes()).toEqual(upTo(150))
      const { doneBefore, all } = report(ended)
      expect(doneBefore).toBeGreaterThanOrEqual(10)
      expect(doneBefore + all.ok).toBe(150)
    })

    test('mpirun is told to end: what was done is whole, and --resume does the rest', async () => {
      const args = command(500, '--target', STEADY)
      await using child = new Process(mpirun!, [...oversubscribe, '-np', '3', process.execPath, cli, ...args], {
        env: AS_ROOT,
      })
      await until(10, child)
      child.child.kill('SIGTERM')
      // With which code, is its own affair: MPICH's says 0.
      await child.ended
      await expectNobodyLeft()
      const done = lines(output()).length
      const ended = await ranks(3, [...args, '--resume'])
      expect(ended, ended.stderr).toMatchObject({ code: 0 })
      expect(indexes()).toEqual(upTo(500))
      expect(report(ended).doneBefore).toBeGreaterThanOrEqual(done)
    })

    test('without rank 0 all end, and what was done can be gone on with', async () => {
      const args = command(400, '--target', STEADY)
      await using child = started(3, args)
      await until(10, child)
      signalRank(0, 'SIGKILL')
      const ended = await child.ended
      expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('rank 0 was lost') })
      await expectNobodyLeft()
      const again = await started(2, [...args, '--resume']).ended
      expect(again, again.stderr).toMatchObject({ code: 0 })
      expect(indexes()).toEqual(upTo(400))
    })

    test('ranks do not outlive whoever started them', async () => {
      await using child = started(3, command(4, '--target', 'mock:?ttft=60s'))
      await child.seen('rank 2 on')
      child.child.kill('SIGKILL')
      await expectNobodyLeft()
    })

    test('results that are there end all ranks before they begin', async () => {
      writeFileSync(output(), '{}\n')
      const ended = await started(3, command(4, '--target', QUICK)).ended
      expect(ended.code).toBe(2)
      expect(ended.stderr).toContain('go on with it by --resume')
      await expectNobodyLeft()
    })

    test('old defect 8: at Ctrl-C what runs is finished and kept, and nobody is left', async () => {
      const args = command(400, '--target', STEADY)
      await using child = started(3, args)
      await until(10, child)
      child.child.kill('SIGINT')
      const ended = await child.ended
      expect(ended, ended.stderr).toMatchObject({ code: 130 })
      const { state, notDone, all } = report(ended)
      expect({ state, failed: all.failed }).toEqual({ state: 'stopped', failed: 0 })
      expect(lines(output())).toHaveLength(400 - notDone)
      await expectNobodyLeft()
    })

    test('Ctrl-C twice ends what would take a minute', async () => {
      await using child = started(3, command(4, '--target', 'mock:?ttft=60s'))
      await child.seen('rank 2 on')
      child.child.kill('SIGINT')
      await pause(700)
      child.child.kill('SIGINT')
      expect((await child.ended).code).toBe(130)
      await expectNobodyLeft()
    })

    test('a target that does not open is said once, with code 3', async () => {
      const ended = await started(3, command(4, '--target', 'http://127.0.0.1:1', '--retries', '0')).ended
      expect(ended.code).toBe(3)
      expect(ended.stderr).toContain('no rank could open its target')
      await expectNobodyLeft()
    })
  })
})

test('alone, rank 0 executes as well', async () => {
  const ended = await run(process.execPath, [cli, ...command(20, '--target', QUICK)])
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  expect(indexes()).toEqual(upTo(20))
  expect(new Set(lines(output()).map(({ rank }) => rank))).toEqual(new Set([0]))
})

test('results that are there are neither lost nor mixed with others’', async () => {
  const args = command(3, '--target', QUICK)
  expect((await run(process.execPath, [cli, ...args])).code).toBe(0)
  const again = await run(process.execPath, [cli, ...args])
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('go on with it by --resume') })
})
