/**
 * What becomes of a server that is asked for more than it can do, by one class of requests and by three, over HTTP, in
 * about four minutes:
 *
 *   npm run bench:overload                 a table
 *   npm run bench:overload -- --upstreams 4        of a router over so many servers, which have the same slots together
 *   npm run bench:overload -- --json FILE          and the same as JSON
 *
 * Load comes at random times whatever the server does; a refused client comes back once, when it was told to.
 */
import { parseArgs } from 'node:util'
import { parseExposition } from '../src/telemetry/index.ts'
import { get, sleep } from './overload/client.ts'
import { type Outcome, offer } from './overload/offer.ts'
import { Report } from './report.ts'
import { Child } from './serve/child.ts'

const ALICE = 'alice-alice-alice-alice'
const BOB = 'bob-bob-bob-bob-bob-bob'
const BATCH = 'batch-batch-batch-batch'
const OPERATOR = 'operator-operator-operator'
const KEYS = `alice ${ALICE}\nbob ${BOB}\nbatch ${BATCH} class=bulk\noperator ${OPERATOR} admin\n`

const TOKENS = 16
const MOCK = { slots: 8, ttftMs: 20, itlMs: 5, tokens: TOKENS, prefixCache: false }
const SERVICE_MS = MOCK.ttftMs + (TOKENS - 1) * MOCK.itlMs
/** Requests per second, as the mock's own numbers have it. */
const CAPACITY = (MOCK.slots * 1000) / SERVICE_MS
/** The bound in time follows the measured rate; that in tokens, a little below, is what the queue is held against. */
const QUEUE = { queueTimeMs: 2000, queueTokens: 3000 }

const { values } = parseArgs({ options: { json: { type: 'string' }, upstreams: { type: 'string' } } })
const report = new Report()

let peak = 0
for (const factor of [0.8, 1, 1.2]) {
  await using server = await start()
  const { goodput } = await offer(server.port, { ...load(ALICE, factor), seconds: 8, retries: false })
  report.add(`goodput at ${factor} × capacity`, goodput, 'req/s')
  peak = Math.max(peak, goodput)
}
for (const factor of [2, 5, 10]) {
  await using server = await start()
  const queue = watchQueue(server.port)
  const { goodput, sent, refused, odd, retried, retriesServed } = await offer(server.port, {
    ...load(ALICE, factor),
    seconds: 5,
    retries: true,
  })
  const share = await queue.stop()
  report.add(`${factor} × capacity: goodput, of its peak`, (100 * goodput) / peak, '%', '≥ 90')
  report.add(`${factor} × capacity: refused`, (100 * refused) / sent, '%')
  report.add(`${factor} × capacity: answers other than 200 and 429 with Retry-After`, odd.length, '', '0')
  report.add(
    `${factor} × capacity: retries that were served when told to come`,
    (100 * retriesServed) / retried,
    '%',
    '≥ 90',
  )
  report.add(`${factor} × capacity: most that waited, of the bound`, 100 * share, '%', '≤ 100')
}
{
  await using server = await start()
  const [greedy, modest] = await Promise.all([
    offer(server.port, { ...load(ALICE, 10), seconds: 10, retries: false }),
    offer(server.port, { ...load(BOB, 1), seconds: 10, retries: false }),
  ])
  report.add(
    'two keys, one sends 10 × the other: goodput, theirs to the other’s',
    greedy.goodput / modest.goodput,
    '×',
    '1',
  )
  report.add('two keys: both together, of the peak', (100 * (greedy.goodput + modest.goodput)) / peak, '%')
}
{
  await using server = await start()
  const queue = watchQueue(server.port)
  const all = await Promise.all([
    offer(server.port, { ...load(ALICE, 0.5), priorityClass: 'interactive', seconds: 10, retries: true }),
    offer(server.port, { ...load(ALICE, 1.5), seconds: 10, retries: true }),
    // What is left of the engine is nothing, so these are told minutes.
    offer(server.port, { ...load(BATCH, 3), seconds: 10, retries: false }),
  ])
  const share = await queue.stop()
  const [interactive, middle, bulk] = all
  const sum = (of: (outcome: Outcome) => number) => all.reduce((sum, outcome) => sum + of(outcome), 0)
  const name = 'three classes, 5 × capacity'
  report.add(`${name}: goodput, of its peak`, (100 * sum(({ goodput }) => goodput)) / peak, '%', '≥ 90')
  const odd = sum(({ odd }) => odd.length)
  report.add(`${name}: answers other than 200 and 429 with Retry-After`, odd, '', '0')
  report.add(`${name}: most that waited, of the bound`, 100 * share, '%', '≤ 100')
  report.add(`${name}: interactive (0.5 ×) that were refused`, interactive.refused, '', '0')
  report.add(`${name}: interactive, p99 of the whole answer`, interactive.p99Ms, 'ms', `≤ ${2 * SERVICE_MS}`)
  report.add(`${name}: default (1.5 ×) that were refused`, (100 * middle.refused) / middle.sent, '%')
  const kept = (100 * middle.retriesServed) / middle.retried
  report.add(`${name}: default, retries that were served when told to come`, kept, '%', '≥ 90')
  report.add(`${name}: bulk (3 ×) that were refused`, (100 * bulk.refused) / bulk.sent, '%')
}
const over = values.upstreams === undefined ? '' : ` --upstreams ${values.upstreams}`
report.save(values.json, `npm run bench:overload --${over} --json FILE`)

/** What is asked, with all that is behind it. */
async function start(): Promise<{ readonly port: number } & AsyncDisposable> {
  const shape = { ...QUEUE, keys: KEYS }
  const upstreams = Number(values.upstreams ?? 0)
  if (upstreams === 0) return Child.start('../overload/server.mjs', { ...MOCK, ...shape })
  const part = { ...MOCK, slots: MOCK.slots / upstreams, queueTokens: 1e6, queueTimeMs: 60_000 }
  const behind = await Promise.all(Array.from({ length: upstreams }, () => Child.start('../overload/server.mjs', part)))
  const urls = behind.map(({ port }) => `http://127.0.0.1:${port}`)
  const router = await Child.start('../overload/server.mjs', { ...shape, upstreams: urls })
  return {
    port: router.port,
    async [Symbol.asyncDispose]() {
      for (const server of [router, ...behind]) await server[Symbol.asyncDispose]()
    },
  }
}

function load(key: string, factor: number) {
  return { key, rate: factor * CAPACITY, tokens: TOKENS }
}

/** Asks again and again how full the queue is; `stop` tells the most that was seen, as a share of its bound then. */
function watchQueue(port: number): { stop(): Promise<number> } {
  let most = 0
  let going = true
  const watching = (async () => {
    while (going) {
      const metrics = parseExposition(await get(port, OPERATOR, '/metrics'))
      const value = (name: string) =>
        (metrics.get(name)?.samples[0] as { value: number } | undefined)?.value ?? Number.NaN
      most = Math.max(
        most,
        value('warpline:admission_waiting_tokens') / value('warpline:admission_waiting_tokens_bound'),
      )
      await sleep(50)
    }
  })()
  return {
    stop: async () => {
      going = false
      await watching
      return most
    },
  }
}
