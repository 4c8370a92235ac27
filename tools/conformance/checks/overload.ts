import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { CHAT, chatFields, unseen } from '../ask.ts'
import { type Check, demand, Skip } from '../check.ts'
import type { Opened, Reply } from '../http/client.ts'
import { refused } from '../refusal.ts'

/** Requests that are sent at once, one wave after the other, until one is refused. */
const WAVES = [32, 96, 384, 512]
/** Less than an answer of 200 tokens takes. */
const DEADLINE_MS = 20
/** How long a wave's refusals may take to come, in ms, and those of the last. */
const WAVE_MS = 500
const LAST_WAVE_MS = 3000

/** How long the server may take to be itself again, in ms. */
const HEALTH_MS = 5000

export const overload: readonly Check[] = [
  {
    id: 'overload.refused',
    item: 17,
    what: 'more than the queue holds is 429 with Retry-After',
    needs: ['spawn'],
    async run(context) {
      const server = await context.launch()
      await server.ready()
      const leave = new AbortController()
      setMaxListeners(0, leave.signal)
      const crowd = server.client.leaving(leave.signal)
      let refusal: Reply | undefined
      const send = async () => {
        const messages = [{ role: 'user', content: unseen(100) }]
        const body = chatFields(context, { messages, max_tokens: 500, ignore_eos: true, stream: true })
        const opened = await crowd.open(CHAT, { method: 'POST', body })
        if (opened.status !== 200) refusal ??= await wholeOf(opened)
      }
      let sent = 0
      for (const [i, wave] of WAVES.entries()) {
        // Those that wait in a queue are answered much later, if ever.
        for (let j = 0; j < wave; j++) send().catch(() => {})
        sent += wave
        const end = performance.now() + (i === WAVES.length - 1 ? LAST_WAVE_MS : WAVE_MS)
        while (refusal === undefined && performance.now() < end) await sleep(10)
        if (refusal) break
      }
      if (refusal === undefined) context.tolerate(`none of ${sent} at once was refused`)
      else {
        refused(context, refusal, 429, { 503: 'refused as unavailable' })
        const after = refusal.headers['retry-after']
        demand(after !== undefined && /^\d+$/.test(after), `Retry-After is ${after}`)
      }
      leave.abort()
      const patience = AbortSignal.timeout(HEALTH_MS)
      const health = await server.client
        .leaving(patience)
        .get('/health')
        .catch(() => undefined)
      demand(
        health?.status === 200,
        `${HEALTH_MS} ms after all ${sent} have left, /health is ${health?.status ?? 'silent'}`,
      )
    },
  },
  {
    id: 'overload.deadline',
    item: 17,
    what: 'a deadline that cannot be met ends the request with 504, 408, 503 or 429',
    async run(context) {
      const fields = chatFields(context, {
        messages: [{ role: 'user', content: unseen(100) }],
        max_tokens: 200,
        ignore_eos: true,
      })
      const start = performance.now()
      const reply = await context.client.post(CHAT, fields, { 'x-request-timeout-ms': String(DEADLINE_MS) })
      const ms = performance.now() - start
      if (reply.status === 200) throw new Skip('X-Request-Timeout-Ms is not read')
      refused(context, reply, 504, {
        408: 'refused as timed out',
        503: 'refused as unavailable',
        429: 'refused as too late',
      })
      demand(ms < DEADLINE_MS + 1000, `it was refused after ${ms.toFixed(0)} ms, with a deadline of ${DEADLINE_MS} ms`)
    },
  },
]

async function wholeOf({ status, headers, body }: Opened): Promise<Reply> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return { status, headers, text: Buffer.concat(chunks).toString() }
}
