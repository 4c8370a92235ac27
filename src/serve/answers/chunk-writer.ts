import type { Told } from '../fields/told.ts'
import { type AnswerHead, frame } from './answer-shape.ts'
import type { Progress } from './progress.ts'
import { timingsOf } from './timings.ts'
import { usageOf } from './usage.ts'

/**
 * Makes chunks of a stream in OpenAI's shape by joining strings: most of each chunk is the same for the whole stream, and
 * JSON.stringify of it would cost more than all else that a token costs here.
 */
export class ChunkWriter {
  readonly #prefix: string
  /** What stands after the choices of a chunk that nothing else is told with. */
  readonly #plain: string

  constructor(
    head: AnswerHead & { readonly object: string },
    private readonly told: Told,
  ) {
    const { id, object, created, model } = head
    this.#prefix = `${frame({ id, object, created, model }).slice(0, -3)},"choices":[`
    // A stream that ends with usage says so in each chunk.
    this.#plain = told.usage === 'last' ? ',"usage":null' : ''
  }

  /**
   * @param content what stands between the index and the finish reason, as JSON
   * @param more what stands beside the choices, as JSON with a comma before it
   */
  chunk(choice: number, content: string, finish: string | null, progress: readonly Progress[], more = ''): string {
    const reason = finish === null ? 'null' : `"${finish}"`
    const told = this.#tell(finish !== null, progress)
    return `${this.#prefix}{"index":${choice},${content},"finish_reason":${reason}}]${more}${told}}\n\n`
  }

  /** Comes last, with no choices; not at all unless it was asked for, as some clients fall over it. */
  usage(progress: readonly Progress[]): string {
    if (this.told.usage === 'never') return ''
    return `${this.#prefix}],"usage":${JSON.stringify(usageOf(progress))}}\n\n`
  }

  #tell(last: boolean, progress: readonly Progress[]): string {
    const { usage, timings } = this.told
    const timed = timings === 'each' || (last && timings === 'last')
    if (!timed && usage !== 'each') return this.#plain
    const counted = usage === 'each' ? `,"usage":${JSON.stringify(usageOf(progress))}` : this.#plain
    return timed ? `${counted},"timings":${JSON.stringify(timingsOf(progress))}` : counted
  }
}
