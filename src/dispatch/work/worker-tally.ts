import type { RankResult } from '../messages/message.ts'

/** What a rank did, by its own books. Rank 0's, which leave out what came late, are never more. */
export class WorkerTally {
  /** Of jobs that went well, in ms. */
  readonly serviceMs: number[] = []
  jobs = 0
  ok = 0
  outputTokens = 0

  add({ ok, serviceMs, outputTokens }: RankResult): void {
    this.jobs++
    if (!ok) return
    this.ok++
    this.outputTokens += outputTokens
    this.serviceMs.push(serviceMs)
  }
}
