import { randomInt } from 'node:crypto'
import { AbortedError } from '../../engine/index.ts'
import type { LoadSpec } from '../load/load.ts'
import { nameOfLoad } from '../load/name-of-load.ts'
import type { RunReport } from '../report/bench-report.ts'
import type { Extent } from '../run/run.ts'
import type { WorkSpec } from '../work/work.ts'
import type { PresetResult, PresetSettings, PresetTools } from './preset.ts'

/** What one run of a report has of its own. */
export interface OneRun {
  readonly load: LoadSpec
  /** Where nothing else was chosen. */
  readonly warmUp: Extent
  readonly measure: Extent
  /** Default: the first. */
  readonly target?: string
  /** Default: as chosen, in words that no run before it used. */
  readonly work?: WorkSpec
  /** Default: by its load. */
  readonly label?: string
  /** Beside those of the load. */
  readonly parameters?: RunReport['parameters']
  readonly seed?: number
  /** See {@link RunReport}. */
  readonly probe?: boolean
  /** Whether the client is measured first, where that was not forbidden. Default: as long as it was not. */
  readonly calibrate?: boolean
}

export const DEFAULT_TARGET = 'ember'

/** Variants are drawn below, so that those of one report follow each other. */
const MOST_VARIANTS = 2 ** 31

/** The runs of one report, one after the other. */
export class RunSeries {
  readonly runs: RunReport[] = []
  readonly #findings: string[] = []
  readonly #variant: number
  #isOver = false

  constructor(
    readonly settings: PresetSettings,
    private readonly tools: PresetTools,
  ) {
    const { work } = settings
    this.#variant = (work.kind === 'synthetic' ? work.variant : undefined) ?? randomInt(MOST_VARIANTS)
  }

  /**
   * Measures once. Undefined where that did not come to its end: it was interrupted, or the target was lost. What it
   * brought is kept, and no other run follows.
   */
  async run(one: OneRun): Promise<RunReport | undefined> {
    const { targets, objectives, calibrate, warmUp, measure } = this.settings
    const { open, seed, processes, requestTimeoutMs } = this.settings
    if (this.#isOver || this.tools.signal?.aborted) return undefined
    const name = nameOfLoad(one.load)
    const calibrates = calibrate && (one.calibrate ?? this.runs.length === 0)
    const target = one.target ?? targets[0] ?? DEFAULT_TARGET
    try {
      const { report } = await this.tools.measure(
        {
          target,
          ...(open && { open }),
          ...(processes !== undefined && { processes }),
          ...(requestTimeoutMs !== undefined && { requestTimeoutMs }),
          load: one.load,
          work: one.work ?? this.freshWork(),
          seed: one.seed ?? seed,
          warmUp: warmUp ?? one.warmUp,
          measure: measure ?? one.measure,
        },
        {
          label: one.label ?? name.label,
          parameters: { ...name.parameters, ...one.parameters },
          objectives,
          calibrate: calibrates,
          ...(one.probe && { probe: true }),
        },
      )
      this.runs.push(report)
      this.#isOver = report.cutShort !== null
      return this.#isOver ? undefined : report
    } catch (error) {
      if (!(error instanceof AbortedError && this.tools.signal?.aborted)) throw error
      this.#isOver = true
      return undefined
    }
  }

  /** The work as chosen; where it is random, in words that no run before it used. */
  freshWork(): WorkSpec {
    const { work } = this.settings
    return work.kind === 'synthetic' ? { ...work, variant: this.#variant + this.runs.length } : work
  }

  find(line: string): void {
    this.#findings.push(line)
  }

  result(): PresetResult {
    return { runs: this.runs, findings: this.#findings }
  }
}
