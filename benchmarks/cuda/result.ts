import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commit, describeMachine, type Machine } from '../../src/bench/machine.ts'
import { openCuda } from '../../src/cuda/index.ts'

/** What every result of the card carries, so that it can be seen again. */
export interface Result {
  readonly command: string
  readonly date: string
  readonly commit: string | null
  readonly machine: Machine
}

/** A line of the table in README.md. */
export interface Figure {
  readonly what: string
  readonly figure: number
  readonly unit: string
  /** What it should reach, where there is something. */
  readonly goal?: string
}

export function saveResult(folder: string, name: string, command: string, data: object): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ ...describeResult(command), ...data }, null, 1)}\n`)
}

export function describeResult(command: string): Result {
  return {
    command,
    date: new Date().toISOString(),
    commit: commit(),
    machine: describeMachine(openCuda().devices[0]!.name),
  }
}
