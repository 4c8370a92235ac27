import { readRecords } from '../record/record-columns.ts'
import type { RequestRecord } from '../record/request-record.ts'
import type { Told } from './client.ts'
import type { VitalSigns } from './vitals.ts'

/** What is told of a client but for its records. */
export type Last = Omit<Told, 'columns'>

/** A request's lag as its client's health has it. */
interface Lagged {
  readonly record: RequestRecord
  readonly lagMs: number
}

/** All that the clients of a run have told. */
export class RunBooks {
  /** By client. */
  readonly vitals: VitalSigns[][]
  readonly lags: Lagged[] = []
  readonly #records: RequestRecord[] = []
  readonly #told: (Last | undefined)[]

  constructor(
    private readonly runId: string,
    clients: number,
  ) {
    this.vitals = Array.from({ length: clients }, () => [])
    this.#told = Array.from({ length: clients }, () => undefined)
  }

  /** What each client said last, of those that have said something. */
  get told(): Last[] {
    return this.#told.filter(told => told !== undefined)
  }

  /** Returns the records that are new. */
  hear(client: number, { columns, vitals, ...last }: Told & { readonly vitals: VitalSigns }): readonly RequestRecord[] {
    const { records, lagsMs } = readRecords(columns, this.runId)
    for (const [i, record] of records.entries()) {
      this.#records.push(record)
      if (record.phase === 'measure') this.lags.push({ record, lagMs: lagsMs[i]! })
    }
    this.#told[client] = last
    this.vitals[client]!.push(vitals)
    return records
  }

  /** In order of due times. */
  records(): RequestRecord[] {
    return this.#records.sort((a, b) => a.dueMs - b.dueMs || a.index - b.index || a.turn - b.turn)
  }
}
