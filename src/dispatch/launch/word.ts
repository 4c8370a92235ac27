import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What ranks leave for whoever launched them, in files: their process ids, and rank 0's exit code. `mpirun` tells neither where
 * it survives losses.
 */
export class Word {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  leavePid(rank: number, pid: number): void {
    this.#write(`${rank}.pid`, pid)
  }

  leaveCode(code: number): void {
    this.#write('code', code)
  }

  /** Undefined before rank 0 has ended. */
  get code(): number | undefined {
    const path = join(this.#folder, 'code')
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined
  }

  get pids(): readonly number[] {
    return readdirSync(this.#folder)
      .filter(name => name.endsWith('.pid'))
      .map(name => Number(readFileSync(join(this.#folder, name), 'utf8')))
  }

  /** Whole or not at all. */
  #write(name: string, value: number): void {
    const path = join(this.#folder, name)
    writeFileSync(`${path}.new`, String(value))
    renameSync(`${path}.new`, path)
  }
}
