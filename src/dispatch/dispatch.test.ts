import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Communicator, localGroup } from '../mpi/index.ts'
import { type DispatchHooks, type DispatchOptions, dispatch } from './index.ts'
import { executeFor } from './work/execute-for.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-dispatch-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const QUICK = 'mock:?ttft=1ms&itl=0ms&tokens=4'

function options(jobs: number, more: Partial<DispatchOptions> = {}): DispatchOptions {
  const prompts = join(folder, 'prompts.txt')
  writeFileSync(prompts, Array.from({ length: jobs }, (_, i) => `prompt ${i}\n`).join(''))
  return { prompts, output: join(folder, 'out.jsonl'), targets: [QUICK], ...more }
}

function results(): Record<string, unknown>[] {
  const text = readFileSync(join(folder, 'out.jsonl'), 'utf8')
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
}

/** All ranks of a run in this process. */
async function run(size: number, options: DispatchOptions, hooks: DispatchHooks = {}, group = localGroup(size)) {
  const workers = group.slice(1).map(async member => {
    const executed = await executeFor(options, member, {})
    await member.close({ alone: !executed.together })
    return executed
  })
  const { report, leave } = await dispatch(options, {
    env: {},
    openGroup: async () => group[0] as Communicator,
    ...hooks,
  })
  return { report: report!, workers, leave }
}

const indexes = (list: readonly Record<string, unknown>[]) => list.map(({ index }) => index)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

describe.each([1, 2, 3, 4, 8])('%i ranks', size => {
  test.each([0, 2, 40])('%i jobs are all done, once each, in order', async jobs => {
    const { report, leave, workers } = await run(size, options(jobs))
    await leave(0)
    expect(indexes(results())).toEqual(upTo(jobs))
    expect(report).toMatchObject({
      state: 'done',
      jobs,
      notDone: 0,
      lost: [],
      books: size === 1 ? 'not compared' : 'agree',
      all: { count: jobs, ok: jobs, outputTokens: 4 * jobs },
    })
    expect(report.ranks).toHaveLength(Math.max(1, size - 1))
    for (const executed of await Promise.all(workers)) expect(executed).toEqual({ together: true, ok: true })
  })
})
