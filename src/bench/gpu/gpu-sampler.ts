import type { GpuUsage } from '../report/bench-report.ts'

/** Watches the cards of this machine while something runs. */
export class GpuSampler implements Disposable {
  /** Undefined where there is no card, or its driver tells nothing. */
  static start(): GpuSampler | undefined {
    throw new Error('not there yet')
  }

  /** Of the time between two moments of the run's clock, and the output tokens of that time. */
  usage(_fromMs: number, _toMs: number, _outputTokens: number): GpuUsage {
    throw new Error('not there yet')
  }

  [Symbol.dispose](): void {}
}
