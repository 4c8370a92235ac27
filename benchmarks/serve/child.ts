import { type ChildProcess, fork } from 'node:child_process'

export interface Resources {
  /** User and system, in µs, since the process started. */
  readonly cpuUs: number
  /** Resident, in bytes. */
  readonly rssBytes: number
}

/** A server in a process of its own, so that its costs can be told from the load's. */
export class Child implements AsyncDisposable {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /**
   * `module` serves on a port that it sends, and ends when the channel closes; see `serve-here.mjs`. Those whose cost is
   * measured are plain JavaScript, as what loads TypeScript changes it.
   */
  static async start(module: string, settings: object = {}): Promise<Child> {
    const child = fork(new URL(module, import.meta.url), [JSON.stringify(settings)], {
      execArgv: ['--expose-gc', ...(module.endsWith('.ts') ? ['--import', 'tsx'] : [])],
    })
    const { port } = await answer<{ port: number }>(child)
    return new Child(child, port)
  }

  resources(): Promise<Resources> {
    return this.ask<Resources>('resources')
  }

  /**
   * Collects garbage. Not beside a measurement of speed: much of what V8 has compiled goes with it.
   */
  collect(): Promise<null> {
    return this.ask<null>('collect')
  }

  async ask<T>(question: string): Promise<T> {
    const reply = answer<T>(this.child)
    this.child.send(question)
    return await reply
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise(resolve => this.child.once('exit', resolve))
    this.child.disconnect()
    await ended
  }
}

function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the server under test ended with ${code}`))
    child.once('exit', ended)
    child.once('message', message => {
      child.off('exit', ended)
      resolve(message as T)
    })
  })
}
