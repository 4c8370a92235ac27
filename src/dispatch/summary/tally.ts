import type { JobResult } from '../job-result.ts'
import { Column } from './column.ts'

/** The times of which there is a column each. */
export const TIMES = ['latencyMs', 'waitMs', 'ttftMs', 'serviceMs', 'postMs'] as const satisfies (keyof JobResult)[]

export type Time = (typeof TIMES)[number]

/** What some results come to. Times and tokens are of those that are ok: a failure is neither quick nor slow. */
export class Tally {
  count = 0
  ok = 0
  promptTokens = 0
  cachedTokens = 0
  outputTokens = 0
  /** Times that jobs were handed out. */
  attempts = 0
  /** Failures, by their code. */
  readonly errors = new Map<string, number>()
  readonly #columns = Object.fromEntries(TIMES.map(time => [time, new Column()])) as Record<Time, Column>

  add(result: JobResult): void {
    this.count++
    this.attempts += result.attempts
    if (!result.ok) {
      const code = result.error?.code ?? 'unknown'
      this.errors.set(code, (this.errors.get(code) ?? 0) + 1)
      return
    }
    this.ok++
    this.promptTokens += result.promptTokens
    this.cachedTokens += result.cachedTokens
    this.outputTokens += result.outputTokens
    for (const time of TIMES) {
      const value = result[time]
      if (value !== undefined) this.#columns[time].push(value)
    }
  }

  /** Takes over all of another. */
  merge(other: Tally): void {
    this.count += other.count
    this.ok += other.ok
    this.attempts += other.attempts
    this.promptTokens += other.promptTokens
    this.cachedTokens += other.cachedTokens
    this.outputTokens += other.outputTokens
    for (const [code, count] of other.errors) this.errors.set(code, (this.errors.get(code) ?? 0) + count)
    for (const time of TIMES) this.#columns[time].append(other.times(time))
  }

  /** In the order in which they came. */
  times(time: Time): Float64Array {
    return this.#columns[time].values
  }
}
