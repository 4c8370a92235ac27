import { mean } from '../../statistics/index.ts'
import type { Measured, MeasureOptions } from '../measure-run.ts'
import type { RunSpec } from '../run/run.ts'
import { freePort } from '../server/free-port.ts'
import { ServerError } from '../server/server-error.ts'
import { StartedServer } from '../server/started-server.ts'
import { type Cell, cellName } from './cell.ts'
import type { CellFigures } from './cell-result.ts'
import type { EngineCellsOptions } from './engine-cells.ts'
import type { MatrixSpec } from './matrix-spec.ts'
import { fill } from './template.ts'

/** `measureRun`, or what stands in for it. */
export type Measure = (spec: RunSpec, options: MeasureOptions) => Promise<Measured>

/** Rounds of the batch that are measured, and requests at least; as often as `repeats` says. */
const ROUNDS = 3
const LEAST_REQUESTS = 8

/**
 * Measures cells on servers. One that is to be started runs until a cell asks for another command; a cell whose server
 * does not come up, or whose run fails, has failed alone.
 */
export async function runServedCells(
  spec: MatrixSpec,
  cells: readonly Cell[],
  measure: Measure,
  { signal, onProgress, onCell }: EngineCellsOptions,
): Promise<void> {
  await using servers = new Servers(spec, signal, onProgress)
  for (const cell of cells) {
    if (signal?.aborted) return
    try {
      const target = await servers.for(cell)
      const { report, records } = await measure(runOf(spec, cell, target), {
        label: cellName(cell),
        calibrate: false,
        ...(signal && { signal }),
      })
      if (signal?.aborted) return
      const { backend, weightType } = report.info
      const figures = figuresOf(report, records, cell.batch)
      const gpu = report.gpu?.cards[0]
      const failed = figures === null ? whyNot(report) : null
      await onCell(cell, {
        engine: { backend, weights: weightType, gpu, memoryBytes: report.gpu?.memoryBytes ?? 0 },
        figures,
        skipped: null,
        failed,
        invalid: report.verdict.valid ? null : (report.verdict.reasons[0] ?? 'the client was the limit'),
      })
    } catch (error) {
      if (signal?.aborted) return
      const message = error instanceof Error ? error.message : String(error)
      await onCell(cell, { engine: undefined, figures: null, skipped: null, failed: message, invalid: null })
    }
  }
}

/** As many users as the batch, who all ask for an answer of the same length. */
function runOf({ steps, warmUp, repeats, send }: MatrixSpec, { batch, promptLength }: Cell, target: string): RunSpec {
  return {
    target,
    work: {
      kind: 'synthetic',
      prompt: { kind: 'fixed', tokens: promptLength },
      output: { kind: 'fixed', tokens: 1 + warmUp + steps },
      as: send,
    },
    load: { kind: 'closed', concurrency: batch },
    seed: 1,
    warmUp: { requests: batch },
    measure: { requests: Math.max(LEAST_REQUESTS, batch * ROUNDS) * repeats },
  }
}

function figuresOf(
  { measures, gpu }: Measured['report'],
  records: Measured['records'],
  batch: number,
): CellFigures | null {
  const { ttft, tpot, requests } = measures
  const first = ttft.p50?.value ?? ttft.mean.value
  // Where answers came in one piece, the server's own word is what there is.
  const step = tpot.mean.value > 0 ? tpot.mean.value : meanStepOf(records)
  if (requests.ok === 0 || !(step > 0)) return null
  return {
    firstTokenMs: first,
    msPerStep: step,
    decodeTokensPerSecond: (batch * 1000) / step,
    gigabytesPerSecond: null,
    ofCeiling: gpu?.ofCeiling?.share ?? null,
    bound: gpu?.ofCeiling ? (gpu.ofCeiling.bound === 'bytes' ? 'memory' : 'compute') : null,
    memoryBytes: gpu?.memoryBytes ?? null,
    watts: gpu && gpu.watts > 0 ? gpu.watts : null,
    joulesPerToken: gpu?.joulesPerOutputToken ?? null,
    hostMicrosecondsPerStep: null,
  }
}

/** By the servers' own timings; NaN where they tell none. */
function meanStepOf(records: Measured['records']): number {
  return mean(
    records.flatMap(({ phase, timings, outputTokens }) =>
      phase === 'measure' && timings && outputTokens > 1 ? [timings.decodeMs / (outputTokens - 1)] : [],
    ),
  )
}

function whyNot({ measures, cutShort }: Measured['report']): string {
  const { requests } = measures
  if (requests.ok > 0) return 'no step could be timed: answers came whole, or were of one token'
  return cutShort ?? Object.values(requests.examples)[0] ?? 'no request was answered'
}

/** The one that is up. */
class Servers implements AsyncDisposable {
  #server: StartedServer | undefined
  /** What it was started by, its port aside. */
  #by = ''

  constructor(
    private readonly spec: MatrixSpec,
    private readonly signal: AbortSignal | undefined,
    private readonly onProgress: (text: string) => void,
  ) {}

  /** Where the cell is to be measured. @throws MatrixFileError, ServerError */
  async for(cell: Cell): Promise<string> {
    const { serve, target = '' } = this.spec
    if (serve === undefined) return fill(target, cell, undefined)
    const by = JSON.stringify(serve.command.map(word => fill(word, cell, 0)))
    if (this.#server !== undefined && this.#by === by && this.#server.ended === undefined) return this.#server.url
    await this[Symbol.asyncDispose]()
    const port = await freePort()
    const command = serve.command.map(word => fill(word, cell, port))
    this.onProgress(`starting ${command.join(' ')}`)
    const url = fill(serve.url, cell, port)
    if (!URL.canParse(url)) throw new ServerError(`"${url}" is no URL`)
    const started = { command, url, readyTimeoutMs: serve.readyTimeout * 1000 }
    this.#server = await StartedServer.start(started, this.signal)
    this.#by = by
    return this.#server.url
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]()
    this.#server = undefined
  }
}
