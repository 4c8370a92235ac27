import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'

/** One line of the table. `goal` is what the figure should reach, where there is one. */
export interface Row {
  readonly what: string
  readonly figure: number
  readonly unit: string
  readonly goal?: string
}

/** A table on standard output that grows line by line, and the same as JSON. */
export class Report {
  readonly rows: Row[] = []
  readonly #machine = {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
  }

  constructor() {
    const { cpu, cores, node } = this.#machine
    console.log(`${cpu}, ${cores} cores, Node ${node}\n`)
  }

  add(what: string, figure: number, unit: string, goal?: string): void {
    this.rows.push({ what, figure, unit, ...(goal !== undefined && { goal }) })
    const digits = figure < 10 ? 2 : figure < 100 ? 1 : 0
    console.log(`${what.padEnd(66)} ${figure.toFixed(digits).padStart(8)} ${unit.padEnd(7)} ${goal ?? ''}`)
  }

  /** Does nothing without a file. `command` is what others type to see it for themselves. */
  save(file: string | undefined, command: string): void {
    if (file === undefined) return
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
    const result = { command, date: new Date().toISOString(), commit, machine: this.#machine, rows: this.rows }
    writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
  }
}

/** Of an odd number of measurements. */
export function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[figures.length >> 1]!
}
