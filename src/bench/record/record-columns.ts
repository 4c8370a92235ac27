import { ENGINE_ERROR_CODES, type FinishReason, type Timeline, type Timings } from '../../engine/index.ts'
import type { Arrivals } from './arrivals.ts'
import { Growing } from './growing.ts'
import type { Phase, RequestRecord } from './request-record.ts'

/** One request that is over, but for its arrivals. */
export interface Ended
  extends Omit<
    RequestRecord,
    'id' | 'arrivalsMs' | 'arrivalTokens' | 'error' | 'finishReason' | 'timings' | 'timeline'
  > {
  /** From when nothing but the client held it up, to when it was sent; in ms. */
  readonly lagMs: number
  readonly error: string | undefined
  readonly finishReason: FinishReason | undefined
  readonly timings: Timings | undefined
  readonly timeline: Timeline | undefined
}

/** Requests as they cross between processes: numbers in few arrays, since a thousand objects cost as many times more. */
export interface RecordColumns {
  /** {@link WIDTH} numbers for each request. */
  readonly rows: Float64Array
  readonly arrivalsMs: Float64Array
  readonly arrivalTokens: Uint32Array
  /** Of the few that have one. */
  readonly errors: readonly (readonly [row: number, error: string])[]
  /** {@link TIMELINE_WIDTH} numbers, then as many times as its last says a time and a number of tokens. */
  readonly timelines: Float64Array
}

/** What a process sends: a row's `lagMs` is the client's health, not the request's. */
export interface ReadRecords {
  readonly records: RequestRecord[]
  readonly lagsMs: Float64Array
}

const PHASES: readonly Phase[] = ['warm-up', 'measure', 'cool-down']
const OUTCOMES = ['ok', ...ENGINE_ERROR_CODES] as const
const FINISHES = [undefined, 'stop', 'length'] as const

/** index, turn, phase, due, sent, start, end, prompt, cached, output, asked, outcome, finish, queued, prefill, decode, arrivals, has a timeline, lag */
const WIDTH = 19
/** queued, admitted, started, ended, steps */
const TIMELINE_WIDTH = 5

const NONE = Number.NaN

/** Collects requests that are over until they are taken. */
export class RecordWriter {
  readonly #rows = new Growing(length => new Float64Array(length), 64 * WIDTH)
  readonly #arrivalsMs = new Growing(length => new Float64Array(length), 1024)
  readonly #arrivalTokens = new Growing(length => new Uint32Array(length), 1024)
  readonly #timelines = new Growing(length => new Float64Array(length))
  #errors: [number, string][] = []

  get length(): number {
    return this.#rows.length / WIDTH
  }

  add(ended: Ended, arrivals: Arrivals): void {
    if (ended.error !== undefined) this.#errors.push([this.length, ended.error])
    const { timings, timeline } = ended
    const rows = this.#rows
    rows.push(ended.index)
    rows.push(ended.turn)
    rows.push(PHASES.indexOf(ended.phase))
    rows.push(ended.dueMs)
    rows.push(ended.sentMs)
    rows.push(ended.startMs ?? NONE)
    rows.push(ended.endMs)
    rows.push(ended.promptTokens)
    rows.push(ended.cachedTokens)
    rows.push(ended.outputTokens)
    rows.push(ended.askedTokens)
    rows.push(OUTCOMES.indexOf(ended.outcome))
    rows.push(FINISHES.indexOf(ended.finishReason))
    rows.push(timings?.queuedMs ?? NONE)
    rows.push(timings?.prefillMs ?? NONE)
    rows.push(timings?.decodeMs ?? NONE)
    rows.push(arrivals.timesMs.length)
    rows.push(timeline ? 1 : 0)
    rows.push(ended.lagMs)
    this.#arrivalsMs.append(arrivals.timesMs)
    this.#arrivalTokens.append(arrivals.tokens)
    if (timeline) this.#addTimeline(timeline)
  }

  /** Everything since the last time. */
  take(): RecordColumns {
    const columns = {
      rows: this.#rows.copy(),
      arrivalsMs: this.#arrivalsMs.copy(),
      arrivalTokens: this.#arrivalTokens.copy(),
      timelines: this.#timelines.copy(),
      errors: this.#errors,
    }
    for (const numbers of [this.#rows, this.#arrivalsMs, this.#timelines]) numbers.clear()
    this.#arrivalTokens.clear()
    this.#errors = []
    return columns
  }

  #addTimeline({ queuedAt, admittedAt, startedAt, endedAt, tokensAt, tokens }: Timeline): void {
    const to = this.#timelines
    for (const time of [queuedAt, admittedAt, startedAt, endedAt, tokensAt.length]) to.push(time)
    for (let i = 0; i < tokensAt.length; i++) {
      to.push(tokensAt[i]!)
      to.push(tokens[i] ?? 0)
    }
  }
}

export function readRecords(columns: RecordColumns, runId: string): ReadRecords {
  const { rows, arrivalsMs, arrivalTokens, timelines } = columns
  const errors = new Map(columns.errors)
  const count = rows.length / WIDTH
  const lagsMs = new Float64Array(count)
  const records: RequestRecord[] = []
  let arrival = 0
  let atTimeline = 0
  for (let row = 0; row < count; row++) {
    const at = (column: number) => rows[row * WIDTH + column]!
    const arrivals = at(16)
    const error = errors.get(row)
    const finishReason = FINISHES[at(12)]
    let timeline: Timeline | undefined
    if (at(17) === 1) {
      timeline = readTimeline(timelines, atTimeline)
      atTimeline += TIMELINE_WIDTH + 2 * timeline.tokensAt.length
    }
    lagsMs[row] = at(18)
    records.push({
      id: requestId(runId, at(0), at(1)),
      index: at(0),
      turn: at(1),
      phase: PHASES[at(2)]!,
      dueMs: at(3),
      sentMs: at(4),
      startMs: Number.isNaN(at(5)) ? null : at(5),
      endMs: at(6),
      arrivalsMs: arrivalsMs.subarray(arrival, arrival + arrivals),
      arrivalTokens: arrivalTokens.subarray(arrival, arrival + arrivals),
      promptTokens: at(7),
      cachedTokens: at(8),
      outputTokens: at(9),
      askedTokens: at(10),
      outcome: OUTCOMES[at(11)]!,
      ...(error !== undefined && { error }),
      ...(finishReason && { finishReason }),
      ...(!Number.isNaN(at(13)) && { timings: { queuedMs: at(13), prefillMs: at(14), decodeMs: at(15) } }),
      ...(timeline && { timeline }),
    })
    arrival += arrivals
  }
  return { records, lagsMs }
}

/** What a request bears in the target's logs and traces. */
export function requestId(runId: string, index: number, turn: number): string {
  return `${runId}-${index}.${turn}`
}

function readTimeline(numbers: Float64Array, from: number): Timeline {
  const [queuedAt, admittedAt, startedAt, endedAt, steps] = numbers.subarray(
    from,
    from + TIMELINE_WIDTH,
  ) as unknown as [number, number, number, number, number]
  const tokensAt: number[] = []
  const tokens: number[] = []
  for (let i = 0; i < steps; i++) {
    tokensAt.push(numbers[from + TIMELINE_WIDTH + 2 * i]!)
    tokens.push(numbers[from + TIMELINE_WIDTH + 2 * i + 1]!)
  }
  return { queuedAt, admittedAt, startedAt, tokensAt, tokens, endedAt }
}
