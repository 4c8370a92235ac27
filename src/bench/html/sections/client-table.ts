import type { Html } from '../../../html/index.ts'
import type { RunReport } from '../../report/bench-report.ts'
import { number, percent, whole } from '../numbers.ts'
import { runRows } from './run-rows.ts'

/** How the client fared, and what it makes of a server that answers at once. */
export function clientTable(runs: readonly RunReport[]): Html {
  const isCalibrated = runs.some(({ calibration }) => calibration !== null)
  return runRows(runs, [
    { name: 'processes', group: 'Client', of: ({ client }) => whole(client.processes) },
    { name: 'busiest core', group: 'Client', of: ({ client }) => percent(client.cpu) },
    { name: 'unsent', group: 'Client', of: ({ client }) => whole(client.unsent) },
    { name: 'p50', group: 'Send lag, ms', of: ({ client }) => number(client.sendLag.p50) },
    { name: 'p99', group: 'Send lag, ms', of: ({ client }) => number(client.sendLag.p99) },
    { name: 'most', group: 'Send lag, ms', of: ({ client }) => number(client.sendLag.max) },
    { name: 'p99', group: 'Loop lag, ms', of: ({ client }) => number(client.loopLag.p99) },
    { name: 'most', group: 'Loop lag, ms', of: ({ client }) => number(client.loopLag.max) },
    { name: 'all', group: 'GC, ms', of: ({ client }) => number(client.gcMs) },
    { name: 'longest', group: 'GC, ms', of: ({ client }) => number(client.longestGcMs) },
    ...(isCalibrated
      ? [
          { name: 'requests/s', group: 'Null server', of: nullServer(calibration => calibration.requestsPerSecond) },
          { name: 'tok/s', group: 'Null server', of: nullServer(calibration => calibration.tokensPerSecond) },
          { name: 'TTFT p50, ms', group: 'Null server', of: nullServer(calibration => calibration.ttft.p50) },
          { name: 'TTFT p99, ms', group: 'Null server', of: nullServer(calibration => calibration.ttft.p99) },
          { name: 'ITL p99, ms', group: 'Null server', of: nullServer(calibration => calibration.itl?.p99) },
        ]
      : []),
  ])
}

function nullServer(
  of: (calibration: NonNullable<RunReport['calibration']>) => number | undefined,
): (run: RunReport) => string {
  return ({ calibration }) => number(calibration === null ? null : of(calibration))
}
