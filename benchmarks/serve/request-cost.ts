import { median, type Report } from '../report.ts'
import { Child } from './child.ts'
import { once, post, requestRate } from './load.ts'

const CONNECTIONS = 16
const ROUND_MS = 1000
const ROUNDS = 11

const WARM_UP = 3

const REQUEST = post('/v1/chat/completions', {
  model: 'mock',
  messages: [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: 'What is the weather like in Paris?' },
  ],
  max_tokens: 1,
  temperature: 0,
})

/** Requests per second, whole answers, against a server that reads the same bytes and answers the same bytes. */
export async function requestCost(report: Report): Promise<void> {
  await using warpline = await Child.start('./warpline.server.mjs', { ttftMs: 0, itlMs: 0 })
  const { headers, body } = await once(warpline.port, REQUEST)
  await using bare = await Child.start('./bare-request.server.mjs', { headers: own(headers), body })
  const rates = { warpline: [] as number[], bare: [] as number[] }
  const costs = { warpline: [] as number[], bare: [] as number[] }
  // Turn by turn, so that what else the machine does meets both; the first rounds are for the compilers.
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [name, server] of [
      ['warpline', warpline],
      ['bare', bare],
    ] as const) {
      const before = await server.resources()
      const rate = await requestRate(server.port, REQUEST, CONNECTIONS, ROUND_MS)
      const { cpuUs } = await server.resources()
      if (round < 0) continue
      rates[name].push(rate)
      costs[name].push((cpuUs - before.cpuUs) / ((rate * ROUND_MS) / 1000))
    }
  }
  report.add('chat, one token, whole', median(rates.warpline), 'req/s')
  report.add('bare node:http, same bytes in and out', median(rates.bare), 'req/s')
  const shares = rates.warpline.map((rate, round) => (100 * rate) / rates.bare[round]!)
  report.add('share of bare, median over rounds', median(shares), '%', '≥ 40')
  report.add('share of bare, least of any round', Math.min(...shares), '%')
  report.add('CPU for a request', median(costs.warpline), 'µs')
  report.add('CPU for a request, bare', median(costs.bare), 'µs')
}

/** Without those that Node adds by itself. */
function own(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(date|connection|keep-alive)$/i.test(name)))
}
