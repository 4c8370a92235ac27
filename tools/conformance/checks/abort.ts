import { setTimeout as sleep } from 'node:timers/promises'
import { CHAT, chatFields, unseen } from '../ask.ts'
import { type Check, type Context, demand, Skip } from '../check.ts'
import { jsonOf } from '../http/client.ts'
import { modelContext } from '../model-context.ts'
import { scrape } from '../scrape.ts'

const RUNNING = ['vllm:num_requests_running', 'llamacpp:requests_processing']

/** How long a request may be seen after its client has left, in ms: far shorter than it would run, and enough to see it. */
const LINGER_MS = 1000

/** How many requests are being computed, by metrics or slots. */
async function runningNow(context: Context): Promise<number> {
  const byMetrics = await scrape(context).then(
    seen => seen.value(...RUNNING),
    (error: unknown) => {
      if (error instanceof Skip) return undefined
      throw error
    },
  )
  if (byMetrics !== undefined) return byMetrics
  const slots = await context.client.get('/slots')
  const list = slots.status === 200 ? jsonOf(slots) : undefined
  if (!Array.isArray(list)) throw new Skip('neither /metrics nor /slots tells what runs')
  return list.filter((slot: { is_processing?: unknown }) => slot.is_processing === true).length
}

async function until(condition: () => Promise<boolean>, ms: number): Promise<boolean> {
  const end = performance.now() + ms
  for (;;) {
    if (await condition()) return true
    if (performance.now() > end) return false
    await sleep(5)
  }
}

export const abort: readonly Check[] = [true, false].map(
  (stream): Check => ({
    id: stream ? 'abort.stream' : 'abort.whole',
    item: 13,
    what: `a client that leaves ${stream ? 'a stream' : 'before the answer'} ends its request`,
    async run(context) {
      await runningNow(context)
      const length = (await modelContext(context)) ?? 512
      const messages = [{ role: 'user', content: unseen(8) }]
      const fields = { messages, stream, max_tokens: Math.min(length - 100, 4000), ignore_eos: true }
      const idle = await runningNow(context)
      demand(idle === 0, `${idle} requests run before it begins: others use this server`)
      const client = context.client
      const leave = new AbortController()
      const gone = client.leaving(leave.signal).send(CHAT, { method: 'POST', body: chatFields(context, fields) })
      let isOver = false
      const over = gone.then(
        () => {
          isOver = true
        },
        () => {},
      )
      demand(
        await until(async () => isOver || (await runningNow(context)) > 0, 5000),
        'the request was never seen to run',
      )
      if (isOver) throw new Skip('the longest answer is over at once')
      const start = performance.now()
      leave.abort()
      const ended = await until(async () => (await runningNow(context)) === 0, LINGER_MS)
      await over
      const ms = performance.now() - start
      demand(ended, `${LINGER_MS} ms after its client left, the request still runs`)
      context.note(`seen gone after ${ms.toFixed(0)} ms`)
    },
  }),
)
