import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Process } from './process.ts'

const JOBS = 30

/**
 * Resumes the results file and gives the jobs that are missing, in an order by the seed, a few a turn of the event loop; says
 * which are on the disk. Ends itself by SIGKILL once so many were given and so many turns went by, in the midst of whatever
 * is written then.
 */
const SCRIPT = `
import { ResultFile } from ${JSON.stringify(new URL('../dist/dispatch/results/result-file.js', import.meta.url).href)}
const [path, seed, adds, turns] = [process.argv[1], ...process.argv.slice(2).map(Number)]
const turn = () => new Promise(resolve => setImmediate(resolve))
const die = async () => {
  for (let i = 0; i < turns; i++) await turn()
  process.kill(process.pid, 'SIGKILL')
}
const file = await ResultFile.open({ path, jobs: ${JOBS}, digest: 'd', resume: true, flushMs: 1 })
const missing = Array.from({ length: ${JOBS} }, (_, i) => i).filter(i => !file.has(i))
missing.sort((a, b) => ((a * 7919 + seed * 104729) % 101) - ((b * 7919 + seed * 104729) % 101))
let given = 0
for (const index of missing) {
  if (given === adds) await die()
  file.add({ index, ok: true, text: 'x'.repeat(index * 500), promptTokens: 1, cachedTokens: 0, outputTokens: 1,
    latencyMs: 1, waitMs: 0, serviceMs: 1, rank: 1, attempts: 1 })
  given++
  if (given % 3 === 0) await turn()
  if (given % 10 === 0) {
    await file.flush()
    process.stdout.write('kept ' + missing.slice(0, given).join(' ') + '\\n')
  }
}
const closed = file.close()
if (adds >= missing.length) await die()
await closed
process.stdout.write('closed\\n')
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-crash-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function run(path: string, seed: number, adds: number, turns: number) {
  await using child = new Process(process.execPath, [
    '--input-type=module',
    '-e',
    SCRIPT,
    path,
    ...[seed, adds, turns].map(String),
  ])
  const { signal, stdout, stderr } = await child.ended
  const kept = [...stdout.matchAll(/^kept (.*)$/gm)].flatMap(([, list]) => list!.split(' ').map(Number))
  return { signal, kept, closed: stdout.includes('closed'), stderr }
}

/** Indexes of the whole lines of both files. */
function onDisk(path: string): ReadonlySet<number> {
  const lines = [path, `${path}.partial`].flatMap(file =>
    existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [],
  )
  return new Set(lines.map(line => JSON.parse(line).index as number))
}

describe('a process that writes results is killed', () => {
  let uninterrupted: string
  beforeAll(async () => {
    const path = join(folder, 'uninterrupted.jsonl')
    expect(await run(path, 0, -1, 0)).toMatchObject({ signal: null, closed: true, stderr: '' })
    uninterrupted = readFileSync(path, 'utf8')
    expect(uninterrupted.split('\n')).toHaveLength(JOBS + 1)
  })

  test.each([0, 1, 2, 5])(
    'again and again, %i turns after a result: what was kept stays, and the file ends as without',
    async turns => {
      const path = join(folder, `killed-${turns}.jsonl`)
      const kept = new Set<number>()
      for (const [seed, adds] of [0, 1, 2, 4, 10, 11, 13, JOBS].entries()) {
        const { signal, kept: now, closed, stderr } = await run(path, seed, adds, turns)
        expect(stderr).toBe('')
        for (const index of now) kept.add(index)
        if (closed || !existsSync(`${path}.partial`)) break
        expect(signal).toBe('SIGKILL')
        const there = onDisk(path)
        for (const index of kept) expect(there).toContain(index)
      }
      if (existsSync(`${path}.partial`)) expect(await run(path, 9, -1, 0)).toMatchObject({ closed: true, stderr: '' })
      expect(readFileSync(path, 'utf8')).toBe(uninterrupted)
    },
  )

  test('and what was torn off behind the last whole line is done again', async () => {
    const path = join(folder, 'torn.jsonl')
    await run(path, 1, 20, 5)
    for (const file of [path, `${path}.partial`]) writeFileSync(file, readFileSync(file).subarray(0, -7))
    expect(await run(path, 2, -1, 0)).toMatchObject({ closed: true, stderr: '' })
    expect(readFileSync(path, 'utf8')).toBe(uninterrupted)
  })
})
