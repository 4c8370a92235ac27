import type { RunProgress } from '../../bench/index.ts'
import { significant } from '../table.ts'
import type { Output } from '../world.ts'

const WIDTH = 20

/** Elsewhere than on a terminal, a line each so many ms: few enough for a log, often enough to see that it goes on. */
const LINE_EVERY_MS = 2000

/** How a run fares: a line that is drawn again and again on a terminal, a line now and then elsewhere. */
export class LiveDisplay implements Disposable {
  readonly #output: Output
  #label = ''
  #phase: RunProgress['phase'] | undefined
  #lineAtMs = 0
  #drawn = false

  constructor(output: Output) {
    this.#output = output
  }

  /** What follows is of another run; `doing` is what comes before its load. */
  begin(label: string, doing: string): void {
    this.#label = label
    this.#phase = 'opening'
    if (this.#output.isTTY) this.#draw(`${label}  ${doing}`)
    else this.#output.write(`${label}  ${doing}\n`)
  }

  #tell(progress: RunProgress): void {
    const isNews = progress.phase !== this.#phase
    if (!isNews && progress.elapsedMs - this.#lineAtMs < LINE_EVERY_MS) return
    this.#phase = progress.phase
    this.#lineAtMs = progress.elapsedMs
    this.#output.write(`${this.#label}  ${percent(progress.done)}, ${figuresOf(progress)}\n`)
  }

  readonly update = (progress: RunProgress): void => {
    if (progress.phase === 'opening') return
    if (this.#output.isTTY)
      this.#draw(...[bar, percent].map(how => `${this.#label}  ${how(progress.done)} ${figuresOf(progress)}`))
    else this.#tell(progress)
  }

  /** A line that stays. */
  readonly say = (text: string): void => {
    this.#clear()
    this.#output.write(`${text}\n`)
  }

  /** The first that there is room for. */
  #draw(...lines: readonly string[]): void {
    this.#drawn = true
    const room = (this.#output.columns || 80) - 1
    const line = lines.find(({ length }) => length <= room) ?? lines.at(-1) ?? ''
    this.#output.write(`\r\x1b[K${line.slice(0, room)}`)
  }

  #clear(): void {
    if (this.#drawn) this.#output.write('\r\x1b[K')
    this.#drawn = false
  }

  [Symbol.dispose](): void {
    this.#clear()
  }
}

function bar(done: number): string {
  const full = Math.round(Math.min(1, Math.max(0, done)) * WIDTH)
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${percent(done)}`
}

function percent(done: number): string {
  return `${Math.floor(done * 100)} %`
}

function figuresOf(progress: RunProgress): string {
  const { phase, elapsedMs, inFlight, completed, failed, firstTokenMs } = progress
  return [
    `${phase} ${(elapsedMs / 1000).toFixed(0)} s`,
    `${inFlight} in flight`,
    `${completed} done`,
    `${significant(progress.requestsPerSecond)} req/s`,
    `${significant(progress.outputTokensPerSecond)} tok/s`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(firstTokenMs === null ? [] : [`TTFT ${significant(firstTokenMs)} ms`]),
  ].join(' · ')
}
