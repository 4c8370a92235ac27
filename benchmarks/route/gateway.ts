import { parseExposition } from '../../src/telemetry/index.ts'
import { warpline } from '../../test/process.ts'
import { ready, type Served } from '../bench/served.ts'

/** `warpline serve` over servers that run already. */
export function gateway(upstreams: readonly Served[], ...args: readonly string[]): Promise<Served> {
  const named = upstreams.flatMap(({ url }, i) => ['--upstream', `u${i}=${url}`])
  return ready(
    warpline(['serve', ...named, '--port', '0', '--log-level', 'warn', ...args]),
    /http:\/\/127\.0\.0\.1:\d+/,
  )
}

/** Processor time of a server's process since it started, in ms, by what it says itself. */
export async function cpuMsOf({ url }: Served): Promise<number> {
  const families = parseExposition(await (await fetch(`${url}/metrics`)).text())
  const [sample] = families.get('process_cpu_seconds_total')?.samples ?? []
  if (sample === undefined || !('value' in sample)) throw new Error(`${url} does not tell its processor time`)
  return 1000 * sample.value
}
