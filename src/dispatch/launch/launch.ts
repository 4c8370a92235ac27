import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { FOLDER_VARIABLE } from '../recovery.ts'
import { findMpirun } from './find-mpirun.ts'
import { launchPlan } from './launch-plan.ts'
import { Word } from './word.ts'

/** `mpirun` has so long to end by itself once rank 0 has. */
const AFTER_CODE_MS = 3000
const LOOK_MS = 200

export interface LaunchOptions {
  readonly ranks: number
  /** The program and its arguments, as each rank runs it. */
  readonly program: readonly string[]
  /** Added to the ranks' environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Default: the first that is installed. */
  readonly mpirun?: string
  /** Called with what is to be told of Ctrl-C and its like. */
  readonly onStop: (stop: (signal: 'SIGINT' | 'SIGTERM') => void) => void
  /** Called with what rank 0 prints. */
  readonly onPrint: (text: string) => void
  readonly onNotice?: (text: string) => void
}

/**
 * Starts ranks on this host by `mpirun`, and resolves to rank 0's exit code when all are gone; undefined where rank 0 was
 * lost before it could say one. Nothing is left running. The first signal lets ranks finish what they have begun; the
 * second ends all at once. What is said to people, by ranks and by `mpirun`, goes to this process's standard error.
 *
 * @throws NoMpirunError
 */
export async function launch(options: LaunchOptions): Promise<number | undefined> {
  const { ranks, program, onStop, onPrint, onNotice } = options
  const mpirun = await findMpirun(options.mpirun)
  const folder = mkdtempSync(join(tmpdir(), 'warpline-ranks-'))
  const word = new Word(folder)
  try {
    const request = { ranks, program, folder, cores: availableParallelism(), isRoot: process.getuid?.() === 0 }
    const { command, args, env, drain } = launchPlan(mpirun, request)
    // Its input is a lifeline: where it ends, rank 0 knows that nobody waits any more.
    const child = spawn(command, args, {
      env: { ...process.env, ...options.env, ...env },
      stdio: ['pipe', 2, 'inherit'],
      // The terminal's Ctrl-C is for us, who know what to tell it.
      detached: true,
    })
    child.stdin!.on('error', () => {})
    let stopped = false
    onStop(signal => {
      if (stopped) return end(child, word)
      stopped = true
      child.kill(signal === 'SIGTERM' ? 'SIGTERM' : drain)
    })
    const [code, signal] = await over(child, word, onPrint)
    end(child, word)
    const said = word.code
    if (said === undefined && !stopped)
      onNotice?.(`${command} ended ${signal ? `by ${signal}` : `with ${code}`} before rank 0 did`)
    return said
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Resolves when `mpirun` has ended, or does not although rank 0 has. */
function over(
  child: ChildProcess,
  word: Word,
  onPrint: (text: string) => void,
): Promise<readonly [number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    let saidAt: number | undefined
    const look = setInterval(() => {
      handOn()
      if (word.code === undefined) return
      saidAt ??= performance.now()
      if (performance.now() - saidAt > AFTER_CODE_MS) settle(() => resolve([null, null]))
    }, LOOK_MS)
    const handOn = () => {
      const text = word.takePrinted()
      if (text !== '') onPrint(text)
    }
    const settle = (how: () => void) => {
      clearInterval(look)
      handOn()
      how()
    }
    child.on('error', error => settle(() => reject(error)))
    child.on('exit', (code, signal) => settle(() => resolve([code, signal])))
  })
}

/** Whatever is left of them. */
function end(child: ChildProcess, word: Word): void {
  if (child.pid !== undefined) kill(-child.pid)
  for (const pid of word.pids) if (isOurs(pid)) kill(pid)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** Not another process that got the number since; where that cannot be told, it is too soon for one. */
function isOurs(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`${FOLDER_VARIABLE}=`)
  } catch {
    return process.platform !== 'linux'
  }
}
