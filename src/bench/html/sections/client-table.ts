import type { Html } from '../../../html/index.ts'
import type { RunReport } from '../../report/bench-report.ts'
import { number, percent, whole } from '../numbers.ts'
import { runRows } from './run-rows.ts'

/** How the client fared. */
export function clientTable(runs: readonly RunReport[]): Html {
  return runRows(runs, [
    { name: 'processes', group: 'Client', of: ({ client }) => whole(client.processes) },
    { name: 'busiest core', group: 'Client', of: ({ client }) => percent(client.cpu) },
    { name: 'unsent', group: 'Client', of: ({ client }) => whole(client.unsent) },
    { name: 'p50', group: 'Send lag, ms', of: ({ client }) => number(client.sendLag.p50) },
    { name: 'p99', group: 'Send lag, ms', of: ({ client }) => number(client.sendLag.p99) },
    { name: 'max', group: 'Send lag, ms', of: ({ client }) => number(client.sendLag.max) },
    { name: 'p99', group: 'Loop lag, ms', of: ({ client }) => number(client.loopLag.p99) },
    { name: 'max', group: 'Loop lag, ms', of: ({ client }) => number(client.loopLag.max) },
    { name: 'all', group: 'GC, ms', of: ({ client }) => number(client.gcMs) },
    { name: 'longest', group: 'GC, ms', of: ({ client }) => number(client.longestGcMs) },
  ])
}

/** What the client makes of a server that answers at once; undefined where that was not measured. */
export function calibrationTable(runs: readonly RunReport[]): Html | undefined {
  const measured = runs.filter(({ calibration }) => calibration !== null)
  if (measured.length === 0) return undefined
  return runRows(measured, [
    { name: 'Requests/s', of: ({ calibration }) => number(calibration!.requestsPerSecond) },
    { name: 'Output tok/s', of: ({ calibration }) => number(calibration!.tokensPerSecond) },
    { name: 'p50', group: 'TTFT, ms', of: ({ calibration }) => number(calibration!.ttft.p50) },
    { name: 'p99', group: 'TTFT, ms', of: ({ calibration }) => number(calibration!.ttft.p99) },
    { name: 'p50', group: 'ITL, ms', of: ({ calibration }) => number(calibration!.itl?.p50) },
    { name: 'p99', group: 'ITL, ms', of: ({ calibration }) => number(calibration!.itl?.p99) },
  ])
}
