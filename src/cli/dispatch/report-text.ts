import { type DispatchReport, ranksTable, summaryLines, type TextTable, timesTable } from '../../dispatch/index.ts'
import { table } from '../table.ts'
import type { Place } from '../world.ts'

/** What a dispatch came to, for people. */
export function reportText(report: DispatchReport, world: Place): string {
  const print = ({ header, rows, align }: TextTable) => table(header, rows, align, world)
  const { lead, books } = report
  const costs = `rank 0: ${lead.cpuUsPerJob.toFixed(0)} µs of CPU a job, of it ${lead.messageUsPerJob.toFixed(0)} µs for messages; event loop p99 ${lead.lagP99Ms.toFixed(1)} ms late`
  return [
    ...summaryLines(report),
    ...(report.all.ok > 0 ? ['', ...print(timesTable(report)), '', ...print(ranksTable(report)), '', costs] : []),
    ...(books === 'differ' ? ['what the ranks added up is not what rank 0 has in its books'] : []),
  ]
    .map(line => `${line}\n`)
    .join('')
}
