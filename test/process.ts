import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

export interface Ended {
  /** `null` after a signal that nobody handled. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A child process whose words can be waited for. It does not outlive its scope. */
export class Process implements AsyncDisposable {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly ended: Promise<Ended>
  stdout = ''
  stderr = ''
  #isOver = false
  #followed = 0
  #waiting: (() => void)[] = []

  constructor(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
    this.child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...cleanEnvironment(), ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A process group of its own, so that what it starts can be ended with it.
      detached: true,
    })
    // Whether it reads its input is its own affair.
    this.child.stdin.on('error', () => {})
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      this.#wake()
    })
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      this.#wake()
    })
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject)
      this.child.on('close', (code, signal) => {
        this.#isOver = true
        this.#wake()
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr })
      })
    })
  }

  /** Resolves once either output holds `text`; rejects when the process ends without having said it. */
  async seen(text: string | RegExp): Promise<RegExpMatchArray> {
    const find = () => this.stdout.match(text) ?? this.stderr.match(text)
    for (;;) {
      const found = find()
      if (found) return found
      if (this.#isOver) throw new Error(`it ended without saying ${text}:\n${this.stdout}\n${this.stderr}`)
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  /** As `seen`, of standard output alone, behind what was followed before. */
  async follow(text: string): Promise<void> {
    for (;;) {
      const at = this.stdout.indexOf(text, this.#followed)
      if (at >= 0) {
        this.#followed = at + text.length
        return
      }
      const rest = this.stdout.slice(this.#followed)
      if (this.#isOver) throw new Error(`it ended without saying ${text} behind:\n${rest}`)
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGKILL')
    } catch {
      // All of them have ended by themselves.
    }
    await this.ended
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

/** Starts the built command. */
export function warpline(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Process {
  return new Process(process.execPath, [cli, ...args], options)
}

/** Runs a command to its end, with `input` to read. */
export async function run(
  command: string,
  args: readonly string[],
  { input = '', ...options }: { input?: string; cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  await using child = new Process(command, args, options)
  child.child.stdin.end(input)
  return await child.ended
}

/** What the test runner adds to its environment is not a newcomer's. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|WARPLINE_|NODE_ENV|TEST$|NO_COLOR|FORCE_COLOR)/.test(name),
  )
  return Object.fromEntries(entries)
}
