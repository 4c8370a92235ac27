import { BenchFileError } from './bench-file-error.ts'
import type { BenchReport } from './bench-report.ts'
import { REPORT_SCHEMA } from './report-schema.ts'

/**
 * The report that {@link toJson} wrote.
 *
 * @param name What errors call the file.
 * @throws BenchFileError
 */
export function readReport(text: string, name = 'the report'): BenchReport {
  const value = parsed(text, name)
  const { schema } = value as { schema?: unknown }
  if (schema !== 'warpline-bench/1') {
    const found = typeof schema === 'string' ? `says ${JSON.stringify(schema.slice(0, 40))}` : 'bears no such mark'
    throw new BenchFileError(
      `${name} is no report of this version: "schema" must be "warpline-bench/1", and it ${found}`,
    )
  }
  const result = REPORT_SCHEMA.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  throw new BenchFileError(`${name} is damaged: ${issue.path.join('.')}: ${issue.message}; measure again`)
}

function parsed(text: string, name: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new BenchFileError(`${name} is not JSON: give what "warpline bench --save FILE.json" wrote`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new BenchFileError(`${name} is no report: give what "warpline bench --save FILE.json" wrote`)
}
