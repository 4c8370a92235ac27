// What a server's /metrics costs while it streams to many: every event loop's delay is somebody's token.
// `npx tsx benchmarks/scrape.ts [STREAMS]`

import { createMockEngine } from '../src/mock/index.ts'
import { HttpServer } from '../src/serve/http-server.ts'
import { Exposition } from '../src/serve/metrics/exposition.ts'

const GOAL_MS = 2
const streams = Number(process.argv[2] ?? 256)

const engine = createMockEngine({ ttftMs: 5, itlMs: 20, slots: streams })
const server = new HttpServer({ engine }, true)
await server.listen('127.0.0.1', 0)
const leaving = new AbortController()
const answers = Array.from({ length: streams }, async () => {
  const body = JSON.stringify({ prompt: 'one two', max_tokens: 5000, ignore_eos: true, stream: true })
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(`${server.url}/v1/completions`, {
    method: 'POST',
    body,
    headers,
    signal: leaving.signal,
  })
  await response.text()
})
while (engine.stats().running < streams) await new Promise(resolve => setTimeout(resolve, 10))

using exposition = new Exposition(server)
const times: number[] = []
let text = ''
for (let i = 0; i < 200; i++) {
  // Between scrapes the streams go on.
  await new Promise(resolve => setTimeout(resolve, 15))
  const start = performance.now()
  text = exposition.text(streams)
  times.push(performance.now() - start)
}
const [first] = times
times.sort((a, b) => a - b)
const at = (part: number) => times[Math.floor(part * (times.length - 1))]!.toFixed(2)
console.log(`${streams} streams, ${text.split('\n').length} lines, ${(text.length / 1024).toFixed(0)} KiB`)
console.log(`scrape, ms: median ${at(0.5)}, p99 ${at(0.99)}, the first ${first!.toFixed(2)} (goal: ${GOAL_MS})`)

leaving.abort()
await Promise.allSettled(answers)
await server.close()
await engine.close()
