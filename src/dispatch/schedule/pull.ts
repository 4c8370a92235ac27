import type { Distribution } from './distribution.ts'
import { Line } from './line.ts'

/**
 * One line for all: whoever has a free slot takes its first job. Nobody waits while there is work, so a slow rank makes the
 * run at most one of its jobs longer.
 */
export class Pull implements Distribution {
  readonly #line: Line

  constructor(jobs: readonly number[]) {
    this.#line = new Line(jobs)
  }

  take(): number | undefined {
    return this.#line.takeFirst()
  }

  putBack(jobs: readonly number[]): void {
    this.#line.putBack(jobs)
  }

  lost(): void {}

  returned(): void {}
}
