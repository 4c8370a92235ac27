import { fileURLToPath } from 'node:url'
import { type Served, serveBy } from '../bench/served.ts'

const PROGRAM = fileURLToPath(new URL('bare-proxy.process.ts', import.meta.url))

/** A bare proxy before a server, in a process of its own. */
export function bareProxy({ url }: Served): Promise<Served> {
  return serveBy(process.execPath, [...process.execArgv, PROGRAM, url], /http:\/\/127\.0\.0\.1:\d+/)
}
