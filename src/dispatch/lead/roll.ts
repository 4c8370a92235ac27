/** What rank 0 knows of an executing rank. */
export interface RankRecord {
  readonly rank: number
  /** 0 and empty before it said anything. */
  pid: number
  host: string
  /** `there`: its target is being opened. */
  state: 'silent' | 'there' | 'ready' | 'refused'
  target?: string
  device?: string
  /** Why its target cannot be opened, or it was excluded. */
  reason?: string
  code?: string
  /** It said what no rank says, and is not taken in again. */
  excluded: boolean
  /** Times that it was lost. */
  losses: number
  welcomed: boolean
  gone: boolean
  /** Of its event loop; known once it has gone. */
  lagP99Ms?: number
}

/** All executing ranks, in order. */
export class Roll {
  readonly #ranks: ReadonlyMap<number, RankRecord>

  constructor(ranks: readonly number[]) {
    const record = (rank: number): RankRecord => ({
      rank,
      pid: 0,
      host: '',
      state: 'silent',
      excluded: false,
      losses: 0,
      welcomed: false,
      gone: false,
    })
    this.#ranks = new Map(ranks.map(rank => [rank, record(rank)]))
  }

  get all(): readonly RankRecord[] {
    return [...this.#ranks.values()]
  }

  of(rank: number): RankRecord {
    return this.#ranks.get(rank)!
  }

  get complete(): boolean {
    return this.all.every(({ state }) => state !== 'silent')
  }

  /** Where a rank stands among the executing ranks of its host, as far as they have said where they are. */
  seatOf(rank: number): { readonly localWorker: number; readonly localWorkers: number } {
    const { host } = this.of(rank)
    const there = this.all.filter(each => each.host === host)
    return { localWorker: there.findIndex(each => each.rank === rank), localWorkers: there.length }
  }
}
