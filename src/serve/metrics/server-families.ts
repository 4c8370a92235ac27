import { type AdmissionSnapshot, type ClassSnapshot, PRIORITY_CLASSES } from '../../admission/index.ts'
import { VERSION } from '../../version.ts'
import { familyMaker, type MetricFamily, type NumberRow, type NumbersRow } from './metric-family.ts'
import type { OpenRequests, ServerScrape } from './scrape.ts'
import type { TenantTotal } from './tenant-totals.ts'

type AdmissionNumber = Exclude<keyof AdmissionSnapshot, 'counts' | 'classes'>
type AdmissionCount = Exclude<keyof AdmissionSnapshot['counts'], 'refused' | 'completed' | 'cancelled' | 'failed'>

const ADMISSION_NUMBERS: Readonly<Record<AdmissionNumber, readonly [name: string, help: string]>> = {
  waiting: ['admission_waiting_requests', 'Requests in the server’s queue.'],
  waitingTokens: ['admission_waiting_tokens', 'Tokens of their prompts and expected outputs.'],
  waitingTokensBound: ['admission_waiting_tokens_bound', 'So many of these may wait now.'],
  running: ['admission_running_requests', 'Requests that were let into the engine.'],
  runningSequences: ['admission_running_sequences', 'Sequences of these.'],
  tokensPerSecond: ['admission_service_rate', 'Tokens per second that the engine gets through; absent while unknown.'],
  bookings: ['admission_bookings', 'Refused requests that were told a time at which they will be taken.'],
  heldTokens: ['admission_held_tokens', 'Tokens of room that are kept for bookings about due.'],
}

const ADMISSION_COUNTS: Readonly<Record<AdmissionCount, readonly [name: string, help: string]>> = {
  accepted: ['admission_accepted_total', 'Requests taken in.'],
  pushedOut: [
    'admission_pushed_out_total',
    'Those that gave way, in a full queue, to higher classes and to tenants that held less of it.',
  ],
  expired: ['admission_expired_total', 'Those whose deadline passed in the queue.'],
  returned: ['admission_returned_total', 'Refused requests that came back at the time they were told.'],
  refusedAgain: ['admission_refused_again_total', 'Those of them that were refused again.'],
}

const NUMBERS: readonly NumberRow<ServerScrape>[] = [
  ['gauge', 'ready', '1 while the engine is there and well, else 0.', ({ ready }) => Number(ready)],
  ['gauge', 'http_connections', 'Open connections.', ({ connections }) => connections],
  ['gauge', 'http_open_requests', 'Requests that are being answered.', ({ openRequests }) => openRequests],
  ...entries(ADMISSION_NUMBERS).map(
    ([key, [name, help]]): NumberRow<ServerScrape> => ['gauge', name, help, ({ admission }) => admission[key]],
  ),
  ...entries(ADMISSION_COUNTS).map(
    ([key, [name, help]]): NumberRow<ServerScrape> => ['counter', name, help, ({ admission }) => admission.counts[key]],
  ),
]

const LABELLED: readonly NumbersRow<ServerScrape>[] = [
  ['gauge', 'build_info', 'Always 1; the label tells the version.', 'version', () => [[VERSION, 1]]],
  [
    'counter',
    'admission_refused_total',
    'Requests refused on arrival, by the error’s code.',
    'reason',
    ({ admission }) => Object.entries(admission.counts.refused),
  ],
  [
    'counter',
    'admission_ended_total',
    'Requests taken in that are over, by how.',
    'outcome',
    ({ admission: { counts } }) => (['completed', 'cancelled', 'failed'] as const).map(key => [key, counts[key]]),
  ],
  ['gauge', 'class_waiting_requests', 'Requests in the queue, by class.', 'class', ofClass(one => one.waiting)],
  [
    'gauge',
    'class_waiting_tokens',
    'Tokens of their prompts and expected outputs.',
    'class',
    ofClass(one => one.waitingTokens),
  ],
  ['gauge', 'class_running_requests', 'Requests in the engine, by class.', 'class', ofClass(one => one.running)],
  ['counter', 'class_accepted_total', 'Requests taken in, by class.', 'class', ofClass(one => one.counts.accepted)],
  [
    'counter',
    'class_refused_total',
    'Requests refused on arrival, by class.',
    'class',
    ofClass(one => one.counts.refused),
  ],
  [
    'counter',
    'class_pushed_out_total',
    'Requests that gave way in a full queue, by class.',
    'class',
    ofClass(one => one.counts.pushedOut),
  ],
  ['gauge', 'tenant_waiting_requests', 'Requests in the queue, by key.', 'tenant', open('waiting')],
  ['gauge', 'tenant_running_requests', 'Requests in the engine, by key.', 'tenant', open('running')],
  ['counter', 'tenant_requests_total', 'Requests taken in that are over, by key.', 'tenant', total('requests')],
  ['counter', 'tenant_prompt_tokens_total', 'Prompt tokens of these.', 'tenant', total('promptTokens')],
  ['counter', 'tenant_completion_tokens_total', 'Tokens that these were given.', 'tenant', total('completionTokens')],
]

const HTTP_ANSWERS: MetricFamily<ServerScrape> = {
  type: 'counter',
  name: 'warpline:http_answers_total',
  help: 'Answers, by route (none: no such route) and status (499: the client left before there was one).',
  labels: ['method', 'route', 'status'],
  *collect({ metrics }) {
    for (const { route, status, count } of metrics.answers) {
      const labels = { method: route?.method ?? 'any', route: route?.path ?? 'none', status: String(status) }
      yield { labels, value: count }
    }
  },
}

const { number, numbers } = familyMaker<ServerScrape>('warpline:', [], () => ({}))

/** What the server counts whether or not there is an engine. */
export const SERVER_FAMILIES: readonly MetricFamily<ServerScrape>[] = [
  ...NUMBERS.map(number),
  ...LABELLED.map(numbers),
  HTTP_ANSWERS,
]

function ofClass(read: (one: ClassSnapshot) => number) {
  return ({ admission: { classes } }: ServerScrape) =>
    PRIORITY_CLASSES.map(name => [name, read(classes[name])] as const)
}

function open(key: keyof OpenRequests) {
  return function* ({ tenants }: ServerScrape): Iterable<readonly [string, number]> {
    for (const [tenant, requests] of tenants) yield [tenant, requests[key]]
  }
}

function total(key: keyof TenantTotal) {
  return function* ({ metrics }: ServerScrape): Iterable<readonly [string, number]> {
    for (const [tenant, totals] of metrics.tenants) yield [tenant, totals[key]]
  }
}

function entries<Key extends string, Value>(table: Readonly<Record<Key, Value>>) {
  return Object.entries(table) as [Key, Value][]
}
