// What it costs rank 0 to hand out 10 000 jobs that take no time, and how late the ranks' event loops are meanwhile.
// Beside it the same schedule and files in one process, whose worker answers by itself: what is left is messages and MPI.
// node scripts/build.mjs && npx tsx benchmarks/dispatch.ts [--json FILE] [--jobs N] [--inflight N] [--ranks 1,2,3,4,8]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { DispatchReport } from '../src/dispatch/index.ts'
import { findMpirun } from '../src/dispatch/launch/find-mpirun.ts'
import { Lead } from '../src/dispatch/lead/lead.ts'
import { loopLink } from '../src/dispatch/messages/loop-link.ts'
import { ResultFile } from '../src/dispatch/results/result-file.ts'
import { VERSION } from '../src/version.ts'
import { Figures } from './bench/figures.ts'

const TARGET = 'mock:?ttft=1ms&itl=0.1ms&tokens=8'
/** What an answer of that target takes between ranks, in ms: so answers come one by one, as they do from there. */
const answerMs = () => 3 + 5 * Math.random()

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    jobs: { type: 'string', default: '10000' },
    inflight: { type: 'string', default: '8,64' },
    ranks: { type: 'string', default: '1,2,3,4,8' },
  },
})
const jobs = Number(values.jobs)
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'warpline-bench-dispatch-'))
const prompts = join(folder, 'prompts.txt')
const output = join(folder, 'results.jsonl')
writeFileSync(prompts, Array.from({ length: jobs }, (_, i) => `prompt ${i}\n`).join(''))

/** Rank 0 without ranks: µs of CPU a job. */
async function alone(inflight: number): Promise<number> {
  const { lead: link, worker } = loopLink()
  const text = 'eight words that stand for an answer here'
  worker.onMessage = message => {
    if (message.kind === 'welcome') worker.post({ kind: 'ready', slots: 65_536, target: '', device: '' })
    if (message.kind !== 'jobs') return
    for (const { job, attempt } of message.jobs) {
      const result = { job, attempt, ok: true, text, promptTokens: 8, cachedTokens: 0, outputTokens: 8 }
      const ms = answerMs()
      const times = { serviceMs: ms, heldMs: ms, ttftMs: 1, tries: 1 }
      setTimeout(() => worker.post({ kind: 'results', results: [{ ...result, ...times }] }), ms)
    }
  }
  const file = await ResultFile.open({ path: output, jobs, digest: '', force: true })
  const list = { length: jobs, job: (index: number) => ({ index, input: { text: `prompt ${index}` } }) }
  const lead = new Lead({ link, jobs: list, keep: result => file.add(result), inflight, host: hostname() })
  worker.post({ kind: 'hello', pid: process.pid, host: hostname(), version: VERSION })
  const { cpuUs } = await lead.run()
  await file.close()
  return cpuUs / jobs
}

function dispatched(mpirun: string, ranks: number, inflight: number): DispatchReport {
  const args = [
    'dispatch',
    '--prompts',
    prompts,
    '--output',
    output,
    '--force',
    '--quiet',
    '--json',
    '--target',
    TARGET,
  ]
  const start = ranks === 1 ? [] : ['--ranks', String(ranks), '--mpirun', mpirun]
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [cli, ...args, '--inflight', String(inflight), ...start],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    },
  )
  if (status !== 0) throw new Error(`${ranks} ranks under ${mpirun}: exit code ${status}\n${stderr}`)
  return JSON.parse(stdout.slice(stdout.indexOf('{')))
}

/** Each job once, in order. */
function isWhole(): boolean {
  const lines = readFileSync(output, 'utf8').split('\n').slice(0, -1)
  return lines.length === jobs && lines.every((line, i) => line.startsWith(`{"index":${i},"ok":true`))
}

const figures = new Figures()
try {
  for (const inflight of values.inflight.split(',').map(Number)) {
    const base = await alone(inflight)
    figures.add(`${inflight} in flight: a job's schedule and files alone`, base, 'µs')
    for (const kind of ['openmpi', 'mpich'] as const) {
      const mpirun = await findMpirun(`mpirun.${kind}`).catch(() => undefined)
      if (mpirun === undefined) {
        console.log(`${kind}: not installed, not measured`)
        continue
      }
      for (const ranks of values.ranks.split(',').map(Number)) {
        if (ranks === 1 && kind !== 'openmpi') continue
        const { lead, lagP99Ms, all, books } = dispatched(mpirun.command, ranks, inflight)
        if (!isWhole() || all.ok !== jobs) throw new Error(`${ranks} ranks: not every job once`)
        if (ranks > 1 && books !== 'agree') throw new Error(`${ranks} ranks: the books ${books}`)
        const name = `${inflight} in flight, ${ranks === 1 ? 'alone' : `${kind}, ${ranks} ranks`}`
        figures.add(`${name}: jobs`, all.requestsPerSecond, '/s')
        if (ranks > 1) {
          figures.add(`${name}: rank 0's CPU a job`, lead.cpuUsPerJob, 'µs')
          figures.add(`${name}: of it messages and MPI`, Math.max(0, lead.cpuUsPerJob - base), 'µs', '≤ 60')
          figures.add(`${name}: of it JSON and calls`, lead.messageUsPerJob, 'µs')
        }
        figures.add(
          `${name}: event loop late, p99, worst rank`,
          Math.max(lead.lagP99Ms, ...Object.values(lagP99Ms)),
          'ms',
          '≤ 20',
        )
      }
    }
  }
  figures.save(values.json, 'npm run bench:dispatch -- --json FILE')
} finally {
  rmSync(folder, { recursive: true })
}
