// What the client side of a server elsewhere costs: CPU time of this process, all of it, for each token and each request.
// Usage: tsx benchmarks/remote.ts [SECONDS]
import { startNullServer } from '../src/bench/calibrate/start-null-server.ts'
import { openRemote, type RemoteOptions } from '../src/remote/index.ts'

const seconds = Number(process.argv[2] ?? 3)
await using server = await startNullServer()

interface Case {
  readonly name: string
  readonly url: string
  readonly options: RemoteOptions
  readonly concurrency: number
  readonly tokens: number
}

const CASES: readonly Case[] = [
  { name: 'whole answers', url: server.url(), options: { streaming: false }, concurrency: 16, tokens: 32 },
  { name: 'streams at once', url: server.url(), options: {}, concurrency: 4, tokens: 512 },
  { name: 'streams of 16', url: server.url(), options: {}, concurrency: 16, tokens: 16 },
  {
    name: 'paced streams',
    url: server.url({ ttftMs: 20, itlMs: 20 }),
    options: {},
    concurrency: 128,
    tokens: 50,
  },
]

for (const { name, url, options, concurrency, tokens } of CASES) {
  await using engine = await openRemote(url, options)
  let requests = 0
  let events = 0
  let seen = 0
  const user = async (until: number) => {
    while (performance.now() < until) {
      for await (const event of engine.generate({
        input: { text: 'Once upon a time' },
        sampling: { maxTokens: tokens },
      }))
        if (event.type === 'tokens') {
          events++
          seen += event.ids.length
        }
      requests++
    }
  }
  const load = (ms: number) => {
    const until = performance.now() + ms
    return Promise.all(Array.from({ length: concurrency }, () => user(until)))
  }
  await load(500)
  ;[requests, events, seen] = [0, 0, 0]
  const [cpu, began] = [process.cpuUsage(), performance.now()]
  await load(seconds * 1000)
  const wall = performance.now() - began
  const { user: inUser, system } = process.cpuUsage(cpu)
  const used = inUser + system
  console.log(
    `${name.padEnd(16)} ${((requests / wall) * 1000).toFixed(0).padStart(6)} req/s ${((seen / wall) * 1000).toFixed(0).padStart(7)} tok/s  ` +
      `${(used / requests).toFixed(0).padStart(5)} µs/req ${(used / seen).toFixed(2).padStart(6)} µs/token ${(used / events).toFixed(1).padStart(6)} µs/event  ` +
      `${(used / wall / 10).toFixed(0)} % of a core`,
  )
}
