import type { ChildProcess } from 'node:child_process'
import { startProcess } from '../../threads.ts'
import type { FromClient, ToClient } from './messages.ts'

/** Once a client has said its last: enough to close its engine, and to free what a model takes; in ms. */
const LEAVE_MS = 20_000

/** A client's process, as the run's own sees it. */
export class ClientHandle {
  readonly #child: ChildProcess
  readonly #ended: Promise<string>
  #isOver = false
  #killer: NodeJS.Timeout | undefined

  /** @param onEnd Told how it ended, behind its last message. */
  constructor(onMessage: (message: FromClient) => void, onEnd: (how: string) => void) {
    // What it says goes where this process says things to people; standard output is for data.
    this.#child = startProcess(new URL('./client.process.ts', import.meta.url), {
      serialization: 'advanced',
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.#ended = new Promise(resolve => {
      this.#child
        .on('message', message => onMessage(message as FromClient))
        .on('error', error => resolve(error.message))
        // Unlike `exit`, behind the last message.
        .on('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
    })
    void this.#ended.then(how => {
      this.#isOver = true
      clearTimeout(this.#killer)
      onEnd(how)
    })
  }

  /** That it is gone is told by its end, not by each message that does not reach it. */
  send(message: ToClient): void {
    this.#child.send(message, () => {})
  }

  /** Resolves when it has ended, and sees to it that it does. */
  async leave(): Promise<void> {
    if (!this.#isOver) this.#killer ??= setTimeout(() => this.#child.kill('SIGKILL'), LEAVE_MS)
    await this.#ended
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
