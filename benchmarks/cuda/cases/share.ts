import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { CaseResult } from './run-cases.ts'

/** A process that did not end with 0, and what a sanitizer said in it. */
export interface ProcessFailure {
  readonly shard: string
  readonly code: number | null
  readonly lines: readonly string[]
}

/** A sanitizer may have thousands; the first tell enough. */
const MOST_LINES = 60

const LOADER = './node_modules/tsx/dist/loader.mjs'

/** Runs every case in one of several processes, each `under` another program where one is given. */
export async function share(
  processes: number,
  under: readonly string[],
  options: Readonly<Record<string, string>>,
): Promise<{ results: readonly CaseResult[]; failures: readonly ProcessFailure[] }> {
  const results: CaseResult[] = []
  const failures: ProcessFailure[] = []
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`)
  const one = async (shard: string) => {
    const node = [process.execPath, '--import', LOADER, 'benchmarks/cuda/cases.ts', `--shard=${shard}`, ...args]
    const [program, ...rest] = [...under, ...node]
    const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    const lines: string[] = []
    const keep = (line: string) => {
      if (lines.length < MOST_LINES) lines.push(line)
    }
    createInterface(child.stdout).on('line', line => {
      if (line.startsWith('{')) results.push(JSON.parse(line) as CaseResult)
      else keep(line)
    })
    createInterface(child.stderr).on('line', keep)
    const code = await new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject))
    if (code !== 0) failures.push({ shard, code, lines })
  }
  await Promise.all(Array.from({ length: processes }, (_, i) => one(`${i}/${processes}`)))
  return { results, failures }
}
