/**
 * How a server is doing, from its /metrics alone: no Prometheus, no dashboard. With a URL, every two seconds; without
 * one, once, of a server in this process that was just asked a few things.
 *
 *   npx tsx examples/metrics.ts [URL [KEY]]
 */
import { openTarget, serve } from 'warpline'

/** Values by name and labels, as they stand in the text. */
async function scrape(url: string, key?: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`, key ? { headers: { Authorization: `Bearer ${key}` } } : {})
  if (!response.ok) throw new Error(`${url}/metrics answered ${response.status}`)
  const samples = (await response.text()).matchAll(/^([^#\s]\S*?(?:\{.*\})?) (\S+)$/gm)
  return new Map(Array.from(samples, ([, name, value]) => [name!, Number(value)]))
}

function sum(values: ReadonlyMap<string, number>, name: string): number {
  let total = 0
  for (const [key, value] of values) if (key === name || key.startsWith(`${name}{`)) total += value
  return total
}

/** The upper end of the bucket that holds the percentile of what came since `before`. */
function percentile(name: string, part: number, now: Map<string, number>, before: Map<string, number>): number {
  const buckets = [...now].filter(([key]) => key.startsWith(`${name}_bucket{`))
  const counts = buckets.map(([key, count]) => [/le="([^"]+)"/.exec(key)![1]!, count - (before.get(key) ?? 0)] as const)
  const all = counts.at(-1)?.[1] ?? 0
  return Number(counts.find(([, count]) => count >= part * all && count > 0)?.[0] ?? Number.NaN)
}

function report(now: Map<string, number>, before: Map<string, number>, seconds: number): string {
  const more = (name: string) => sum(now, name) - sum(before, name)
  const ms = (name: string) => (percentile(name, 0.99, now, before) * 1000).toFixed(1)
  return [
    `${sum(now, 'vllm:num_requests_running')} running, ${sum(now, 'vllm:num_requests_waiting')} waiting`,
    `${(more('vllm:generation_tokens_total') / seconds).toFixed(0)} tok/s`,
    `TTFT p99 <= ${ms('vllm:time_to_first_token_seconds')} ms`,
    `ITL p99 <= ${ms('vllm:inter_token_latency_seconds')} ms`,
    `${more('warpline:admission_refused_total')} refused`,
  ].join(', ')
}

const [url, key] = process.argv.slice(2)
if (url !== undefined) {
  for (let before = await scrape(url, key); ; ) {
    await new Promise(resolve => setTimeout(resolve, 2000))
    const now = await scrape(url, key)
    console.log(report(now, before, 2))
    before = now
  }
}

await using engine = await openTarget()
const server = await serve({ engine, port: 0 })
const start = performance.now()
for (let i = 0; i < 4; i++) {
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'What is Warpline?' }], max_tokens: 32 })
  await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  })
}
console.log(report(await scrape(server.url), new Map(), (performance.now() - start) / 1000))
await server.close()
