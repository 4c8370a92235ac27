import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** Loading a model and compiling its kernels. */
const MOST_SECONDS = 180

/** `warpline serve` as built, in a process of its own. */
export class ServerProcess implements AsyncDisposable {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /** Resolves when it has its model. */
  static async start(args: readonly string[]): Promise<ServerProcess> {
    const port = await freePort()
    const more = ['--port', String(port), '--log-level', 'warn', '--log-format', 'json', '--queue-time', '600']
    const child = spawn(process.execPath, ['dist/cli.js', 'serve', ...args, ...more], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const server = new ServerProcess(child, port)
    for (const end = performance.now() + MOST_SECONDS * 1000; performance.now() < end; await setTimeout(100)) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
      if (await server.#ready()) return server
    }
    child.kill('SIGKILL')
    throw new Error(`the server was not ready after ${MOST_SECONDS} s`)
  }

  async get(path: string): Promise<string> {
    return await (await fetch(`http://127.0.0.1:${this.port}${path}`)).text()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise(resolve => this.child.once('exit', resolve))
    this.child.kill('SIGTERM')
    await Promise.race([ended, setTimeout(10_000, undefined, { ref: false })])
    this.child.kill('SIGKILL')
  }

  async #ready(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.port}/health`)).ok
    } catch {
      return false
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
      .on('error', reject)
      .listen(0, '127.0.0.1', () => {
        const address = probe.address()
        probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
      })
  })
}
