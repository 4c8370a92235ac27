import type { Distribution, Measures } from '../measures/measures.ts'
import type { Calibration } from '../report/bench-report.ts'
import type { ClientHealth, RunSpec } from '../run/run.ts'
import { isElsewhere } from '../run/target-kind.ts'

export interface Facts {
  readonly spec: RunSpec
  readonly measures: Measures
  readonly client: ClientHealth
  readonly calibration: Calibration | null
}

/** What is looked for in every run. */
export interface Rule {
  readonly name: string
  /** The figures are the client's; otherwise they are the target's, with something to keep in mind. */
  readonly invalid: boolean
  broken(facts: Facts): boolean
  /** What was seen, what is allowed, and what to do. */
  sentence(facts: Facts): string
}

/** A request that goes out late by this is not what was asked for; a twentieth of what is measured does not show. */
const SEND_LAG_MS = 1
const SEND_LAG_SHARE = 0.05
/** What arrives while the loop is busy is stamped late. Timers of an idle loop come up to 3 ms late as well. */
const LOOP_LAG_MS = 5
const LOOP_LAG_SHARE = 0.1
/** A loop with less room queues what arrives: at 0.9 of its capacity a queue's wait is ten times its service. */
const CPU = 0.9
/** Nearer to the most that the client reached alone, the target's share of the limit cannot be told. */
const RATE_SHARE = 0.8
/** The client's own part of what is measured. */
const FLOOR_SHARE = 0.1
/** The pause alone would be half of the tail. */
const GC_MS = 5
const GC_SHARE = 0.5
/** Fewer are those that were due in the last moment. */
const UNSENT_SHARE = 0.005
/** Fewer give no percentile beyond the 90th. */
const FEW_REQUESTS = 100
const NOTABLE_SHARE = 0.01

const RELIEF = 'make less load, use more --processes, or give the client a machine of its own'

/** The client's limits concern targets in other processes: in one, the client's loop and memory are the target's too. */
const elsewhere = ({ spec }: Facts) => isElsewhere(spec.target)
const medianTtft = ({ measures }: Facts) => median(measures.ttft)
const sendLagAllowed = (facts: Facts) => Math.max(SEND_LAG_MS, SEND_LAG_SHARE * medianTtft(facts))
const loopLagAllowed = (facts: Facts) => Math.max(LOOP_LAG_MS, LOOP_LAG_SHARE * medianTtft(facts))
const gcAllowed = ({ measures: { ttft } }: Facts) => Math.max(GC_MS, GC_SHARE * (ttft.p99?.value ?? ttft.max))
const limited = ({ load }: RunSpec) => load.kind === 'open' && load.maxInFlight !== undefined

export const RULES: readonly Rule[] = [
  {
    name: 'send lag',
    invalid: true,
    broken: facts => facts.spec.load.kind !== 'closed' && facts.client.sendLag.p99 > sendLagAllowed(facts),
    sentence: facts =>
      `requests went out late, by ${ms(facts.client.sendLag.p99)} at p99, where ${ms(sendLagAllowed(facts))} are allowed: ${RELIEF}`,
  },
  {
    name: 'unsent',
    invalid: true,
    // Users who become free in the last moment are due then, all of them at once where a target works in steps.
    broken: ({ spec, client, measures }) =>
      spec.load.kind !== 'closed' && !limited(spec) && client.unsent > UNSENT_SHARE * (measures.requests.offered || 1),
    sentence: ({ client, measures }) =>
      `${client.unsent} of ${measures.requests.offered} requests that were due had not gone out by the end: ${RELIEF}`,
  },
  {
    name: 'processor',
    invalid: true,
    broken: facts => elsewhere(facts) && facts.client.cpu > CPU,
    sentence: ({ client }) =>
      `a client process was busy for ${percent(client.cpu)} of the time, where ${percent(CPU)} are allowed: ${RELIEF}`,
  },
  {
    name: 'loop lag',
    invalid: true,
    broken: facts => elsewhere(facts) && facts.client.loopLag.p99 > loopLagAllowed(facts),
    sentence: facts =>
      `the client’s event loop was late, by ${ms(facts.client.loopLag.p99)} at p99, where ${ms(loopLagAllowed(facts))} are allowed: ${RELIEF}`,
  },
  {
    name: 'garbage',
    invalid: true,
    broken: facts => elsewhere(facts) && facts.client.longestGcMs > gcAllowed(facts),
    sentence: facts =>
      `the client stood still for ${ms(facts.client.longestGcMs)} to collect garbage, where ${ms(gcAllowed(facts))} are allowed: ${RELIEF}`,
  },
  {
    name: 'request rate',
    invalid: true,
    broken: ({ measures, calibration }) =>
      calibration !== null && measures.requests.perSecond.value > RATE_SHARE * calibration.requestsPerSecond,
    sentence: ({ measures, calibration }) =>
      `${rate(measures.requests.perSecond.value)} requests/s are over ${percent(RATE_SHARE)} of the ${rate(calibration?.requestsPerSecond)} that the client makes of a server that answers at once: ${RELIEF}`,
  },
  {
    name: 'token rate',
    invalid: true,
    broken: ({ measures, calibration }) =>
      calibration !== null && measures.tokens.outputPerSecond.value > RATE_SHARE * calibration.tokensPerSecond,
    sentence: ({ measures, calibration }) =>
      `${rate(measures.tokens.outputPerSecond.value)} tokens/s are over ${percent(RATE_SHARE)} of the ${rate(calibration?.tokensPerSecond)} that the client reads from a server that sends at once: ${RELIEF}`,
  },
  {
    name: 'own latency',
    invalid: true,
    broken: facts =>
      facts.calibration !== null &&
      facts.measures.ttft.count > 0 &&
      facts.calibration.ttft.p50 > FLOOR_SHARE * medianTtft(facts),
    sentence: facts =>
      `the client adds ${ms(facts.calibration?.ttft.p50)} of its own to a median TTFT of ${ms(medianTtft(facts))}, where ${percent(FLOOR_SHARE)} are allowed: ${RELIEF}`,
  },
  {
    name: 'nothing succeeded',
    invalid: false,
    broken: ({ measures }) => measures.requests.ok === 0,
    sentence: ({ measures }) =>
      `none of ${measures.requests.offered} requests succeeded: there is nothing to measure${example(measures)}`,
  },
  {
    name: 'failures',
    invalid: false,
    broken: ({ measures: { requests } }) =>
      requests.ok > 0 && requests.failed >= NOTABLE_SHARE * requests.offered && requests.failed > 0,
    sentence: ({ measures }) =>
      `${measures.requests.failed} of ${measures.requests.offered} requests failed, and latencies are of the others alone${example(measures)}`,
  },
  {
    name: 'held back',
    invalid: false,
    broken: ({ spec, client }) => limited(spec) && client.unsent > 0,
    sentence: ({ client }) =>
      `${client.unsent} requests were still held back by the limit of requests in flight at the end`,
  },
  {
    name: 'own gaps',
    invalid: false,
    broken: ({ measures: { itl }, calibration }) =>
      calibration?.itl != null && itl.count > 0 && calibration.itl.p50 > FLOOR_SHARE * median(itl),
    sentence: ({ measures, calibration }) =>
      `the client shifts gaps by ${ms(calibration?.itl?.p50)} of its own, beside a median ITL of ${ms(median(measures.itl))}: TPOT is the surer figure`,
  },
  {
    name: 'odd lengths',
    invalid: false,
    broken: ({ measures: { tokens, requests } }) => tokens.oddLengths > NOTABLE_SHARE * requests.ok,
    sentence: ({ measures: { tokens, requests } }) =>
      `${tokens.oddLengths} of ${requests.ok} answers were not as long as asked: tokens/s and E2E latency do not compare with those of other runs`,
  },
  {
    name: 'few requests',
    invalid: false,
    broken: ({ measures: { requests } }) => requests.ok > 0 && requests.ok < FEW_REQUESTS,
    sentence: ({ measures: { requests } }) =>
      `only ${requests.ok} requests stand behind the figures: percentiles need ${FEW_REQUESTS} for the 90th and 1000 for the 99th`,
  },
  {
    name: 'not calibrated',
    invalid: false,
    broken: facts => facts.calibration === null && elsewhere(facts),
    sentence: () => 'the client was not measured by itself first: that the target was the limit is not shown',
  },
]

/** The mean where there are too few for a median. */
function median({ p50, mean }: Distribution): number {
  return p50?.value ?? mean.value
}

function example({ requests: { examples } }: Measures): string {
  const [first] = Object.values(examples)
  return first === undefined ? '' : `, e.g. ${first}`
}

function ms(value = 0): string {
  return `${value < 1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}

function rate(value = 0): string {
  return String(Math.round(value))
}
