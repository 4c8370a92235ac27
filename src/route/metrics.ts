import { Histogram, logBounds } from '../statistics/index.ts'
import type { Family, Labels, NumberSample } from '../telemetry/index.ts'
import type { PolicyName } from './policy/policy.ts'
import type { UpstreamSlot } from './upstream-slot.ts'

/** 1 µs to 100 ms. */
const OVERHEAD_BOUNDS_MS = logBounds(0.001, 100, 5)
const BREAKER_STATES = { closed: 0, 'half-open': 1, open: 2 } as const

/** A counter for each set of labels that was seen; what labels hold comes from the table of upstreams and from code. */
class Counters {
  readonly #samples = new Map<string, { readonly labels: Labels; value: number }>()

  constructor(private readonly names: readonly string[]) {}

  add(...values: string[]): void {
    const key = values.join('\0')
    const sample = this.#samples.get(key)
    if (sample !== undefined) sample.value++
    else {
      const labels = Object.fromEntries(this.names.map((name, i) => [name, values[i]!]))
      this.#samples.set(key, { labels, value: 1 })
    }
  }

  collect(): Iterable<NumberSample> {
    return this.#samples.values()
  }
}

/** What `/metrics` tells of a router. */
export class RouterMetrics {
  readonly #requests = new Counters(['upstream', 'model', 'outcome'])
  readonly #retries = new Counters(['reason'])
  readonly #failovers = new Counters(['how'])
  readonly #hedges = new Counters(['won'])
  readonly #decisions = new Counters(['policy', 'reason'])
  readonly #overhead = new Histogram(OVERHEAD_BOUNDS_MS)
  readonly families: readonly Family[]

  constructor(slots: () => Iterable<UpstreamSlot>) {
    const counter = (name: string, help: string, counters: Counters): Family => ({
      name: `warpline_router_${name}_total`,
      help,
      type: 'counter',
      collect: () => counters.collect(),
    })
    const gauge = (name: string, help: string, read: (slot: UpstreamSlot) => number): Family => ({
      name: `warpline_router_${name}`,
      help,
      type: 'gauge',
      collect: () => Array.from(slots(), slot => ({ labels: { upstream: slot.name }, value: read(slot) })),
    })
    this.families = [
      counter('requests', 'Requests that an engine was sent, by how that ended.', this.#requests),
      counter('retries', 'Requests sent to another engine before their first token, by why.', this.#retries),
      counter('failovers', 'Answers that broke off and were gone on with, by how.', this.#failovers),
      counter('hedges', 'Requests that two engines were asked for, by which was first.', this.#hedges),
      counter('decisions', 'Choices of an engine, by what decided.', this.#decisions),
      gauge('ready', 'Whether an engine takes requests.', ({ status }) => Number(status.phase === 'ready')),
      gauge(
        'breaker_state',
        'Whether an engine is left alone: 0 no, 1 it is tried again, 2 yes.',
        ({ breaker }) => BREAKER_STATES[breaker.state],
      ),
      gauge('requests_in_flight', 'Requests that an engine has.', ({ requests }) => requests),
      gauge('tokens_in_flight', 'Tokens that an engine is expected to process for them.', ({ tokens }) => tokens),
      {
        name: 'warpline_router_overhead_seconds',
        help: 'The router’s own time until a request’s first event.',
        type: 'histogram',
        collect: () => [{ histogram: this.#overhead.snapshot(), scale: 1e-3 }],
      },
    ]
  }

  /** An engine was asked; `outcome`: `done`, an error's code, or why it was given up. */
  attempted(upstream: string, model: string, outcome: string): void {
    this.#requests.add(upstream, model, outcome)
  }

  retried(reason: string): void {
    this.#retries.add(reason)
  }

  failedOver(how: 'continue' | 'replay' | 'ended'): void {
    this.#failovers.add(how)
  }

  hedged(won: 'first' | 'second'): void {
    this.#hedges.add(won)
  }

  decided(policy: PolicyName, reason: string): void {
    this.#decisions.add(policy, reason)
  }

  overhead(ms: number): void {
    this.#overhead.record(ms)
  }
}
