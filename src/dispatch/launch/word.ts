import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What ranks leave for whoever launched them, in files: their process ids, what rank 0 prints, and its exit code. `mpirun` tells
 * neither the first nor the last where it survives losses, and MPICH's prints words of its own among the ranks'.
 */
export class Word {
  readonly #folder: string
  #taken = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  leavePid(rank: number, pid: number): void {
    this.#write(`${rank}.pid`, pid)
  }

  /** `text` ends with a line's end. */
  print(text: string): void {
    appendFileSync(this.#printed, text)
  }

  /** The lines that were printed since this was called last. */
  takePrinted(): string {
    if (!existsSync(this.#printed)) return ''
    const bytes = readFileSync(this.#printed)
    const end = bytes.lastIndexOf('\n') + 1
    const lines = bytes.toString('utf8', this.#taken, end)
    this.#taken = end
    return lines
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

  get #printed(): string {
    return join(this.#folder, 'printed')
  }

  /** Whole or not at all. */
  #write(name: string, value: number): void {
    const path = join(this.#folder, name)
    writeFileSync(`${path}.new`, String(value))
    renameSync(`${path}.new`, path)
  }
}
