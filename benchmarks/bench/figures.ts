import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { commit, describeMachine } from '../../src/bench/machine.ts'
import { Report } from '../report.ts'

/** As {@link Report}; its file says what machine it was, and has the lines as `figures`. */
export class Figures extends Report {
  override save(file: string | undefined, command: string): void {
    if (file === undefined) return
    const result = {
      command,
      date: new Date().toISOString(),
      commit: commit(),
      machine: describeMachine(undefined),
      figures: this.rows,
    }
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`)
  }
}
