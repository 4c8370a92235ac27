import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { machineMs } from '../../clock/index.ts'
import { AbortedError, type EngineInfo } from '../../engine/index.ts'
import type { RequestRecord } from '../record/request-record.ts'
import { arrived } from './carried-error.ts'
import { ClientHandle } from './client-handle.ts'
import { clientHealth } from './client-health.ts'
import { LostTarget } from './lost-target.ts'
import type { FromClient } from './messages.ts'
import { processCount } from './process-count.ts'
import { ProgressMeter } from './progress-meter.ts'
import type { RunProgress, RunResult, RunSpec } from './run.ts'
import { RunBooks } from './run-books.ts'
import { mustAgree } from './schedule.ts'
import { measuredWindow } from './window.ts'

export interface RunOptions {
  /** Ends the run early; what was measured until then is returned, `cutShort`. */
  readonly signal?: AbortSignal
  /** Told several times a second. */
  readonly onProgress?: (progress: RunProgress) => void
  /** Told of requests as they end, a batch at a time. */
  readonly onRecords?: (records: readonly RequestRecord[]) => void
}

/** Until all clients have heard when the run starts, in ms. */
const HEAD_START_MS = 50
/** Until all clients have heard when what counts begins, in ms. */
const NOTICE_MS = 50

/**
 * Puts a load on a target and records every request.
 *
 * @throws what opening the target or the work throws; a target that is lost later cuts the run short instead.
 *   AbortedError where `signal` was aborted before anything was sent
 */
export async function runLoad(spec: RunSpec, options: RunOptions = {}): Promise<RunResult> {
  const run = new Run(spec, options)
  try {
    return await run.result()
  } finally {
    await run.leave()
  }
}

type State = 'opening' | 'ready' | 'over'

class Run {
  readonly #clients: ClientHandle[] = []
  readonly #states: State[]
  readonly #warm = new Set<number>()
  readonly #measured = new Set<number>()
  readonly #books: RunBooks
  readonly #meter: ProgressMeter
  readonly #lost = new LostTarget()
  readonly #opened: Promise<EngineInfo>
  readonly #over: Promise<void>
  #info: EngineInfo | undefined
  #resolveOpened!: (info: EngineInfo) => void
  #rejectOpened!: (error: Error) => void
  #resolveOver!: () => void
  /** On the machine's clock; NaN before. */
  #startMs = Number.NaN
  #measureFromMs: number | undefined
  #cutShort: string | null = null
  #cutMs = Number.POSITIVE_INFINITY

  constructor(
    private readonly spec: RunSpec,
    private readonly options: RunOptions,
  ) {
    const of = processCount(spec, availableParallelism())
    const runId = `b${randomBytes(4).toString('hex')}`
    this.#books = new RunBooks(runId, of)
    this.#meter = new ProgressMeter(spec)
    this.#states = Array.from({ length: of }, () => 'opening')
    this.#opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve
      this.#rejectOpened = reject
    })
    this.#over = new Promise(resolve => {
      this.#resolveOver = resolve
    })
    // It may be told before anybody waits for it.
    this.#opened.catch(() => {})
    options.onProgress?.(this.#meter.opening())
    if (options.signal?.aborted) {
      this.#interrupt()
      return
    }
    options.signal?.addEventListener('abort', this.#interrupt, { once: true })
    for (let number = 0; number < of; number++) {
      const client = new ClientHandle(
        message => this.#receive(number, message),
        how => this.#ended(number, how),
      )
      this.#clients.push(client)
      client.send({ type: 'open', spec, runId, share: { number, of } })
    }
  }

  async result(): Promise<RunResult> {
    const info = await this.#opened
    const startedAt = new Date(Date.now() + HEAD_START_MS).toISOString()
    this.#startMs = machineMs() + HEAD_START_MS
    for (const client of this.#clients) client.send({ type: 'go', startMs: this.#startMs })
    await this.#over
    const records = this.#books.records()
    const window = measuredWindow(this.spec, records, this.#measureFromMs, this.#cutMs)
    return {
      spec: this.spec,
      info,
      startedAt,
      clockStartMs: this.#startMs,
      window,
      records,
      client: clientHealth(this.#books, window),
      cutShort: this.#cutShort,
    }
  }

  async leave(): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.#interrupt)
    await Promise.all(this.#clients.map(client => client.leave()))
  }

  #receive(number: number, message: FromClient): void {
    switch (message.type) {
      case 'ready':
        this.#info ??= message.info
        this.#states[number] = 'ready'
        if (this.#states.every(state => state === 'ready')) this.#resolveOpened(this.#info)
        break
      case 'failed':
        this.#fail(arrived(message.error))
        break
      case 'warm':
        this.#warm.add(number)
        this.#awaitWarm()
        break
      case 'measured':
        this.#measured.add(number)
        this.#awaitMeasured()
        break
      case 'told':
        this.#hear(number, message)
        break
      case 'over':
        this.#finish(number)
    }
  }

  #hear(number: number, told: FromClient & { type: 'told' }): void {
    const records = this.#books.hear(number, told)
    if (records.length > 0) this.options.onRecords?.(records)
    this.#lost.see(records)
    const nowMs = machineMs() - this.#startMs
    this.options.onProgress?.(this.#meter.read(nowMs, this.#books.told))
    const words = this.#lost.verdict(nowMs)
    if (words !== undefined) this.#cut(words)
  }

  /** A run that has begun keeps what was measured. */
  #fail(error: Error): void {
    if (Number.isNaN(this.#startMs)) {
      for (const client of this.#clients) client.kill()
      this.#rejectOpened(error)
    } else this.#cut(error.message)
  }

  #ended(number: number, how: string): void {
    if (this.#states[number] === 'over') return
    if (Number.isNaN(this.#startMs)) {
      this.#fail(new Error(`a process that makes load ended before it had begun (${how})`))
      return
    }
    this.#cut(`a process that makes load ended (${how})`)
    this.#finish(number)
  }

  #finish(number: number): void {
    this.#states[number] = 'over'
    this.#warm.add(number)
    this.#measured.add(number)
    this.#awaitWarm()
    this.#awaitMeasured()
    if (this.#states.every(state => state === 'over')) this.#resolveOver()
  }

  #awaitWarm(): void {
    if (
      !mustAgree(this.spec, this.#clients.length) ||
      this.#warm.size < this.#clients.length ||
      this.#measureFromMs !== undefined
    )
      return
    this.#measureFromMs = machineMs() - this.#startMs + NOTICE_MS
    for (const client of this.#clients) client.send({ type: 'measure-from', ms: this.#measureFromMs })
  }

  #awaitMeasured(): void {
    if (this.#measured.size === this.#clients.length) this.#stop()
  }

  readonly #interrupt = (): void => {
    if (Number.isNaN(this.#startMs)) this.#fail(new AbortedError('the run was interrupted before it had begun'))
    else this.#cut('interrupted')
  }

  #cut(why: string): void {
    if (this.#cutShort !== null || this.#measured.size === this.#clients.length) return
    this.#cutShort = why
    this.#cutMs = machineMs() - this.#startMs
    this.#stop()
  }

  #stop(): void {
    for (const client of this.#clients) client.send({ type: 'stop' })
  }
}
