import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { startProcess } from '../threads.ts'
import type { EngineHost, EngineHostEvents } from './engine-host.ts'
import type { FromThread, ThreadData, ToThread } from './messages.ts'

/** Once it was told to end, or has said its last: enough for the step that runs and for giving memory back, in ms. */
const LEAVE_MS = 10_000

/**
 * An engine in a process of its own: a GPU that it has lost can be opened again once it has ended. It does not outlive
 * this process, whatever becomes of either.
 */
export class EngineHostProcess extends EventEmitter<EngineHostEvents> implements EngineHost {
  readonly #child: ChildProcess
  #killer: NodeJS.Timeout | undefined

  constructor(data: ThreadData) {
    super()
    // What it says goes where this process says things to people; standard output is for data.
    this.#child = startProcess(new URL('./loop.process.ts', import.meta.url), {
      serialization: 'advanced',
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.#child
      .on('message', message => this.#receive(message as FromThread))
      .on('error', error => this.emit('error', error))
      // Unlike `exit`, behind the last message.
      .on('close', (code, signal) => {
        clearTimeout(this.#killer)
        this.emit('exit', `the engine's process ended (${signal ?? `exit code ${code}`})`)
      })
    this.#send(data)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  postMessage(message: ToThread): void {
    if (message.type === 'close') this.#expectEnd()
    this.#send(message)
  }

  ref(): void {
    this.#child.ref()
    this.#child.channel?.ref()
  }

  unref(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }

  #receive(message: FromThread): void {
    if (message.type === 'failed' || message.type === 'load-failed') this.#expectEnd()
    this.emit('message', message)
  }

  /** That it is gone is told by its end, not by each message that does not reach it. */
  #send(message: ThreadData | ToThread): void {
    this.#child.send(message, () => {})
  }

  /** A card that hangs must not keep it. */
  #expectEnd(): void {
    this.#killer ??= setTimeout(() => this.#child.kill('SIGKILL'), LEAVE_MS).unref()
  }
}
