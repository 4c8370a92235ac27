import type { RunReport } from '../report/bench-report.ts'

/**
 * What runs of one kind have in common across reports: their parameters, or where they have none the label, unless that is
 * only the target's name, which may differ.
 */
export function runKey({ label, parameters, spec }: RunReport, without: readonly string[] = []): string {
  const entries = Object.entries(parameters).filter(([name]) => !without.includes(name))
  if (entries.length > 0) return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  return Object.keys(parameters).length > 0 || label === spec.target ? '' : label
}
