import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from './check.ts'
import { Client } from './http/client.ts'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** How often a server that loads is asked whether it is ready, in ms. */
const POLL_MS = 25

/** The same for each server of a run: one that has to be started again is asked with it, too. */
const KEY = `conformance-${randomUUID()}`

/** A server under this program's control. It does not outlive its scope. */
export class Launched implements AsyncDisposable {
  readonly client: Client
  readonly exited: Promise<Exit>
  exit: Exit | undefined
  #words = ''

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly key: string | undefined,
    private readonly signal: AbortSignal,
  ) {
    this.client = new Client(url, key, signal)
    this.exited = new Promise(resolve => {
      const over = (exit: Exit) => {
        this.exit = exit
        resolve(exit)
      }
      child.once('error', () => over({ code: 127, signal: null }))
      child.once('exit', (code, signal) => over({ code, signal }))
    })
    for (const output of [child.stdout, child.stderr])
      output?.setEncoding('utf8').on('data', (text: string) => {
        this.#words = (this.#words + text).slice(-2000)
      })
  }

  /** @param command For the shell, with `{port}` and perhaps `{key}`. */
  static async start(command: string, signal: AbortSignal): Promise<Launched> {
    const port = await freePort()
    const key = command.includes('{key}') ? KEY : undefined
    const line = command.replaceAll('{port}', String(port)).replaceAll('{key}', key ?? '')
    // exec: a signal is meant for the server, not for the shell. A process group, so that what it starts ends with it.
    const child = spawn('/bin/sh', ['-c', `exec ${line}`], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    return new Launched(child, `http://127.0.0.1:${port}`, key, signal)
  }

  /** Asks for /health until it is 200. */
  async ready(): Promise<void> {
    for (;;) {
      if (this.exit) throw new Failure(`the server ended with ${describeExit(this.exit)}: ${this.lastWords}`)
      const status = await this.client.get('/health').then(
        reply => reply.status,
        () => 0,
      )
      if (status === 200) return
      await sleep(POLL_MS, undefined, { signal: this.signal })
    }
  }

  /** What it printed last, on one line. */
  get lastWords(): string {
    return this.#words.trim().split('\n').slice(-3).join(' | ').slice(-300)
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGKILL')
    } catch {
      // All of them have ended by themselves.
    }
    await this.exited
  }
}

export function describeExit({ code, signal }: Exit): string {
  return signal ?? `code ${code}`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
