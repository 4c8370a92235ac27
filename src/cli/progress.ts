import type { Output } from './world.ts'

export interface Progress {
  readonly loaded: number
  readonly total: number
  readonly what: string
}

const WIDTH = 24

/** Redrawing more often than this is seen by nobody. */
const FRAME_MS = 50

/** A bar while something loads, on a terminal; one line for each thing that loads, elsewhere. */
export class ProgressBar implements Disposable {
  readonly #output: Output
  #shown: string | undefined
  #drawnAt = Number.NEGATIVE_INFINITY

  constructor(output: Output) {
    this.#output = output
  }

  readonly update = (progress: Progress): void => {
    if (this.#output.isTTY) this.#draw(progress)
    else if (this.#shown !== progress.what) this.#output.write(`loading ${progress.what}\n`)
    this.#shown = progress.what
  }

  #draw({ loaded, total, what }: Progress): void {
    const now = performance.now()
    if (now - this.#drawnAt < FRAME_MS && loaded < total) return
    this.#drawnAt = now
    const share = total > 0 ? Math.min(1, loaded / total) : 0
    const full = Math.round(share * WIDTH)
    const line = `loading ${what} ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${Math.floor(share * 100)} %`
    this.#output.write(`\r\x1b[K${line.slice(0, (this.#output.columns || 80) - 1)}`)
  }

  /** Takes the bar away. */
  [Symbol.dispose](): void {
    if (this.#output.isTTY && this.#shown !== undefined) this.#output.write('\r\x1b[K')
    this.#shown = undefined
  }
}
