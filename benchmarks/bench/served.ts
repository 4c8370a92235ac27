import { Process, warpline } from '../../test/process.ts'

/** A server in a process of its own, as built, that ends with its scope. */
export interface Served extends AsyncDisposable {
  readonly url: string
}

/** `warpline serve` of a target. */
export async function serve(target: string, ...args: readonly string[]): Promise<Served> {
  return ready(warpline(['serve', target, '--port', '0', '--log-level', 'warn', ...args]), /http:\/\/127\.0\.0\.1:\d+/)
}

/** Any server's command line, that says its address once it serves: in `said`, or as it was given. */
export async function serveBy(command: string, args: readonly string[], said: RegExp, url?: string): Promise<Served> {
  return ready(new Process(command, args), said, url)
}

/** Waits until it says its address; ends it where it does not. */
export async function ready(server: Process, said: RegExp, url?: string): Promise<Served> {
  try {
    const [found] = await server.seen(said)
    return { url: url ?? found, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}
