import { startProcess } from '../../threads.ts'
import type { Pace } from './null-request.ts'
import { pacedPrefix } from './null-request.ts'

/** A null server in a process of its own, so that its work is not taken for the client's. */
export interface StartedNullServer extends AsyncDisposable {
  /** Where it answers at that pace; without one, at once. */
  url(pace?: Pace): string
}

export async function startNullServer(): Promise<StartedNullServer> {
  const child = startProcess(new URL('./null-server.process.ts', import.meta.url), { stdio: 'ignore' })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', message => resolve((message as { port: number }).port))
    child.once('exit', code => reject(new Error(`the null server ended with ${code} before it could answer`)))
    child.once('error', reject)
  })
  return {
    url: pace => `http://127.0.0.1:${port}${pace ? pacedPrefix(pace) : ''}`,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.disconnect()
      await ended
    },
  }
}
