/**
 * What the client side of a server elsewhere costs: CPU time of this process, all of it, against a server that computes
 * nothing, in a process of its own.
 *
 *   npx tsx benchmarks/remote.ts [--json FILE]
 */
import { parseArgs } from 'node:util'
import { startNullServer } from '../src/bench/calibrate/start-null-server.ts'
import { openRemote, type RemoteOptions } from '../src/remote/index.ts'
import { Report } from './report.ts'

const { values } = parseArgs({ options: { json: { type: 'string' } } })
const WARM_UP_MS = 500
const MEASURE_MS = 3000

interface Load {
  readonly url: string
  readonly options?: RemoteOptions
  readonly concurrency: number
  /** Of each answer. */
  readonly tokens: number
}

/** Microseconds of CPU time by request, by token and by event, as so many users ask one after the other. */
async function costOf({ url, options = {}, concurrency, tokens }: Load) {
  await using engine = await openRemote(url, { ...options, retries: 0 })
  const counts = { requests: 0, tokens: 0, events: 0 }
  const ask = async () => {
    const request = { input: { text: 'Once upon a time' }, sampling: { maxTokens: tokens } }
    for await (const event of engine.generate(request)) {
      if (event.type !== 'tokens') continue
      counts.events++
      counts.tokens += event.ids.length
    }
    counts.requests++
  }
  const load = (ms: number) => {
    const until = performance.now() + ms
    const user = async () => {
      while (performance.now() < until) await ask()
    }
    return Promise.all(Array.from({ length: concurrency }, user))
  }
  await load(WARM_UP_MS)
  Object.assign(counts, { requests: 0, tokens: 0, events: 0 })
  const before = process.cpuUsage()
  await load(MEASURE_MS)
  const { user, system } = process.cpuUsage(before)
  const us = user + system
  return { request: us / counts.requests, token: us / counts.tokens, event: us / counts.events }
}

const report = new Report()
await using server = await startNullServer()
const atOnce = server.url()
const paced = server.url({ ttftMs: 20, itlMs: 20 })

const whole = await costOf({ url: atOnce, options: { streaming: false }, concurrency: 16, tokens: 32 })
report.add('a whole answer of 32 tokens', whole.request, 'µs', '≤ 170')
const stream = await costOf({ url: atOnce, concurrency: 4, tokens: 512 })
report.add('a token of a stream that comes at once', stream.token, 'µs', '≤ 6')
const few = await costOf({ url: paced, concurrency: 128, tokens: 50 })
report.add('a token that comes alone, 128 streams, one each 20 ms', few.event, 'µs', '≤ 40')
const many = await costOf({ url: paced, concurrency: 512, tokens: 50 })
report.add('the same, 512 streams', many.event, 'µs', '≤ 40')

report.save(values.json, 'npx tsx benchmarks/remote.ts --json FILE')
