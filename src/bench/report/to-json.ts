import type { BenchReport } from './bench-report.ts'

/**
 * A report as a file: objects a key a line, lists of plain values in one line, so that a diff of two says something.
 * Fractions are kept to six digits, large ones to a thousandth; what is not a number is null.
 */
export function toJson(report: BenchReport): string {
  return `${textOf(report, '')}\n`
}

function textOf(value: unknown, indent: string): string {
  if (typeof value === 'number') return JSON.stringify(shortened(value))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    if (value.every(isPlain)) return `[${value.map(item => textOf(item, '')).join(', ')}]`
    return `[\n${value.map(item => deeper + textOf(item, deeper)).join(',\n')}\n${indent}]`
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  if (fields.length === 0) return '{}'
  const lines = fields.map(([key, field]) => `${deeper}${JSON.stringify(key)}: ${textOf(field, deeper)}`)
  return `{\n${lines.join(',\n')}\n${indent}}`
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

function shortened(value: number): number {
  if (Number.isInteger(value)) return value
  return Math.abs(value) >= 1000 ? Math.round(value * 1000) / 1000 : Number(value.toPrecision(6))
}
