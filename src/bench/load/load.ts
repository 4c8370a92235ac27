/** How requests come. Plain data: it crosses processes and stands in reports. */
export type LoadSpec = ClosedLoad | OpenLoad | TraceLoad

/** So many users, each of whom asks again when answered. */
export interface ClosedLoad {
  readonly kind: 'closed'
  readonly concurrency: number
}

/** Requests come at their own times, whatever becomes of them. */
export interface OpenLoad {
  readonly kind: 'open'
  /** Requests per second; of a ramp, at its end. */
  readonly rate: number
  readonly arrivals: 'constant' | 'poisson' | 'gamma'
  /**
   * Of gamma arrivals, the shape of the gaps' distribution: 1 is Poisson, less is burstier, more is steadier (vLLM's
   * `--burstiness`). Default 1.
   */
  readonly burstiness?: number
  /** The rate grows from this to `rate` over the whole run, linearly. */
  readonly rampFrom?: number
  /** Requests that may be under way at once; those that are due meanwhile wait, and the wait counts. Default: no limit. */
  readonly maxInFlight?: number
}

/** As once recorded: a JSON line `{"timestamp" (ms), "input_length", "output_length"}` each, as Mooncake's traces have. */
export interface TraceLoad {
  readonly kind: 'trace'
  readonly path: string
  /** Times as fast as recorded. Default 1. */
  readonly speed?: number
}
