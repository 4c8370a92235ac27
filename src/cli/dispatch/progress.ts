import type { LeadProgress } from '../../dispatch/index.ts'
import type { Output } from '../world.ts'

const WIDTH = 24

/** Elsewhere than on a terminal, a line each so many ms. */
const LINE_EVERY_MS = 10_000

/** How far a dispatch is: a bar on a terminal, a line now and then elsewhere. */
export class DispatchProgress implements Disposable {
  readonly #output: Output
  readonly #quiet: boolean
  #lineAtMs = 0
  #drawn = false

  constructor(output: Output, { quiet }: { readonly quiet: boolean }) {
    this.#output = output
    this.#quiet = quiet
  }

  readonly update = (progress: LeadProgress): void => {
    if (this.#quiet) return
    if (this.#output.isTTY) {
      this.#drawn = true
      this.#output.write(
        `\r\x1b[K${`${bar(progress)} ${figuresOf(progress)}`.slice(0, (this.#output.columns || 80) - 1)}`,
      )
    } else if (progress.elapsedMs - this.#lineAtMs >= LINE_EVERY_MS) {
      this.#lineAtMs = progress.elapsedMs
      this.#output.write(`${figuresOf(progress)}\n`)
    }
  }

  /** A line that stays. */
  readonly say = (text: string): void => {
    this[Symbol.dispose]()
    this.#output.write(`${text}\n`)
  };

  [Symbol.dispose](): void {
    if (this.#drawn) this.#output.write('\r\x1b[K')
    this.#drawn = false
  }
}

function bar({ done, jobs }: LeadProgress): string {
  const full = jobs === 0 ? WIDTH : Math.round((WIDTH * done) / jobs)
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`
}

function figuresOf({ done, jobs, inFlight, failed, elapsedMs }: LeadProgress): string {
  return [
    `${done} of ${jobs} done`,
    `${inFlight} in flight`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    `${(elapsedMs / 1000).toFixed(0)} s`,
  ].join(' · ')
}
