import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type Pace, pacedPrefix } from '../../src/bench/calibrate/null-request.ts'

export interface NullServed extends AsyncDisposable {
  url(pace?: Pace): string
  /** User and system, in ms, since it started; NaN where the system does not tell. */
  cpuMs(): number
}

/** The null server as built: what loads TypeScript would cost it something. */
export async function serveNull(): Promise<NullServed> {
  const child = fork(new URL('../../dist/bench/calibrate/null-server.process.js', import.meta.url), {
    execArgv: [],
    stdio: 'ignore',
  })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', message => resolve((message as { port: number }).port))
    child.once('exit', code => reject(new Error(`the null server ended with ${code}`)))
  })
  return {
    url: pace => `http://127.0.0.1:${port}${pace ? pacedPrefix(pace) : ''}`,
    cpuMs: () => cpuMs(child.pid!),
    async [Symbol.asyncDispose]() {
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.disconnect()
      await ended
    },
  }
}

/** Linux counts in hundredths of a second; fields 14 and 15 of proc(5)'s stat. */
function cpuMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return 10 * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return Number.NaN
  }
}
