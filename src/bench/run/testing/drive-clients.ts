import { VirtualClock } from '../../../clock/index.ts'
import type { Engine } from '../../../engine/index.ts'
import { readRecords } from '../../record/record-columns.ts'
import type { RequestRecord } from '../../record/request-record.ts'
import type { Dialogue, Work } from '../../work/work.ts'
import { Client } from '../client.ts'
import type { RunSpec } from '../run.ts'

/** What a test says of a run; the rest is not looked at. */
export type LoadOf = Pick<RunSpec, 'load' | 'warmUp' | 'measure'> & Partial<RunSpec>

export interface DriveOptions {
  readonly engine: (clock: VirtualClock) => Engine
  readonly clients?: number
  readonly work?: Work
  /** Stop all at this time, whatever they have done. */
  readonly stopAtMs?: number
  /** Between a client's word and its being heard, in ms. */
  readonly delayMs?: number
}

export interface Driven {
  /** In order of due times. */
  readonly records: RequestRecord[]
  /** By client. */
  readonly recordsOf: RequestRecord[][]
  readonly lagsMs: number[]
  /** When the last client was over. */
  readonly endedMs: number
}

/** One answer each, of four tokens. */
export const singleTurns: Work = { dialogue: () => turns(1) }

export function turns(count: number, maxTokens = 4): Dialogue {
  let left = count
  return {
    next: answer =>
      left-- > 0 ? { input: { text: `${answer ?? ''} and` }, maxTokens, ignoreEos: true, promptTokens: 2 } : undefined,
  }
}

/** The clients of a run, without processes, in a time that stands still unless it is moved. */
export async function driveClients(spec: LoadOf, options: DriveOptions): Promise<Driven> {
  const { clients: of = 1, work = singleTurns, stopAtMs, delayMs = 1 } = options
  const clock = new VirtualClock()
  const engine = options.engine(clock)
  const measured = new Set<number>()
  const warm = new Set<number>()
  const later = (run: () => void) => clock.at(clock.now() + delayMs, run)
  const clients = Array.from({ length: of }, (_, number): Client => {
    return new Client({
      spec: { target: 'mock:', seed: 1, work: { kind: 'file', path: '' }, ...spec },
      runId: 'b',
      share: { number, of },
      engine,
      work,
      clock,
      onMeasured: () =>
        later(() => {
          measured.add(number)
          if (measured.size === of) stop()
        }),
      onWarm: () =>
        later(() => {
          warm.add(number)
          if (warm.size < of) return
          const ms = clock.now() + 2 * delayMs
          later(() => {
            for (const client of clients) client.measureFrom(ms)
          })
        }),
    })
  })
  const stop = () => {
    for (const client of clients) client.stop()
  }
  if (stopAtMs !== undefined) clock.at(stopAtMs, stop)

  let endedMs: number | undefined
  let failure: unknown
  const over = Promise.all(clients.map(client => client.run())).then(
    () => {
      endedMs = clock.now()
    },
    error => {
      failure = error
    },
  )
  while (endedMs === undefined && failure === undefined) await clock.advance(100)
  await over
  if (failure !== undefined) throw failure
  const read = clients.map(client => readRecords(client.take().columns, 'b'))
  const recordsOf = read.map(({ records }) => records)
  return {
    recordsOf,
    records: recordsOf.flat().sort((a, b) => a.dueMs - b.dueMs || a.index - b.index),
    lagsMs: read.flatMap(({ lagsMs }) => [...lagsMs]),
    endedMs: endedMs!,
  }
}
