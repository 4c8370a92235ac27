import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { escapeControls } from '../../escape-controls.ts'
import { isReady } from './is-ready.ts'
import { ServerError } from './server-error.ts'

export interface ServerCommand {
  readonly command: readonly string[]
  /** Where it will answer. */
  readonly url: string
  /** Default 10 minutes: a large model may come over a network. */
  readonly readyTimeoutMs?: number
  readonly env?: NodeJS.ProcessEnv
}

const READY_TIMEOUT_MS = 600_000
const POLL_MS = 50
/** Then it is ended by force. */
const STOP_MS = 15_000
const KEPT_OUTPUT = 4096

/** A server in a process group of its own, from ready to stopped; it does not outlive this process. */
export class StartedServer implements AsyncDisposable {
  #output = ''
  /** What it ended with. */
  #ended: string | undefined
  readonly #exit: Promise<void>
  readonly #kill = () => this.#send('SIGKILL')

  private constructor(
    readonly url: string,
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-KEPT_OUTPUT)
      })
    this.#exit = new Promise(resolve => {
      child.once('error', error => {
        this.#ended ??= error.message
        resolve()
      })
      child.once('exit', (code, signal) => {
        this.#ended ??= signal === null ? `ended with ${code}` : `was ended by ${signal}`
        process.off('exit', this.#kill)
        resolve()
      })
    })
    process.on('exit', this.#kill)
  }

  /** @throws ServerError with its last words, where it does not come up; what `signal` was aborted with */
  static async start(server: ServerCommand, signal?: AbortSignal): Promise<StartedServer> {
    const { command, url, readyTimeoutMs = READY_TIMEOUT_MS, env } = server
    signal?.throwIfAborted()
    if (await isReady(url, signal))
      throw new ServerError(`${url} answers already, before its server was started: stop what listens there`)
    const [name = '', ...words] = command
    const child = spawn(name, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: env ?? process.env })
    const started = new StartedServer(url, name, child)
    try {
      await started.#ready(performance.now() + readyTimeoutMs, signal)
    } catch (error) {
      await started[Symbol.asyncDispose]()
      throw error
    }
    return started
  }

  get pid(): number | undefined {
    return this.child.pid
  }

  /** Why it is not there any more; undefined while it is. */
  get ended(): string | undefined {
    return this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended !== undefined) return
    this.#send('SIGTERM')
    const patience = new AbortController()
    const late = setTimeout(STOP_MS, 'late', { signal: patience.signal }).catch(() => undefined)
    if ((await Promise.race([this.#exit, late])) === 'late') this.#kill()
    patience.abort()
    await this.#exit
  }

  async #ready(until: number, signal: AbortSignal | undefined): Promise<void> {
    while (this.#ended === undefined) {
      signal?.throwIfAborted()
      if (await isReady(this.url, signal)) return
      if (performance.now() > until) throw new ServerError(this.#told('was not ready in time'))
      await Promise.race([this.#exit, setTimeout(POLL_MS)])
    }
    throw new ServerError(this.#told(this.#ended))
  }

  #told(what: string): string {
    const said = escapeControls(this.#output.trim().split('\n').slice(-3).join(' | '))
    return `the server "${this.name}" ${what}${said === '' ? '' : `: ${said}`}`
  }

  /** To all of its group. */
  #send(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined || this.#ended !== undefined) return
    try {
      process.kill(-this.child.pid, signal)
    } catch {
      // It has just ended.
    }
  }
}
