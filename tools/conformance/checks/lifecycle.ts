import { setTimeout as sleep } from 'node:timers/promises'
import { CHAT, chatFields } from '../ask.ts'
import { type Check, type Context, demand, demandEqual } from '../check.ts'
import { SseParser } from '../http/sse.ts'
import { describeExit, type Launched } from '../launch.ts'
import { refused } from '../refusal.ts'

/** Enough that the stream outlasts what happens meanwhile. */
const LONG = { stream: true, max_tokens: 300, ignore_eos: true }

export const lifecycle: readonly Check[] = [
  {
    id: 'drain.stream',
    item: 21,
    what: 'after SIGTERM a running stream ends as it would have, then the server exits',
    needs: ['spawn'],
    async run(context) {
      const server = await context.launch()
      await server.ready()
      const { status, body } = await server.client.open(CHAT, { method: 'POST', body: chatFields(context, LONG) })
      demandEqual(status, 200, 'the status of the stream')
      const parser = new SseParser()
      const datas: string[] = []
      let late: Promise<void> | undefined
      try {
        for await (const bytes of body) {
          datas.push(...parser.push(bytes).map(({ data }) => data))
          if (late === undefined && datas.length > 1) {
            server.kill('SIGTERM')
            late = demandRefused(context, server)
          }
        }
      } catch {}
      await late
      demand(datas.at(-1) === '[DONE]', `the stream was cut after ${datas.length} events`)
      demand(!datas.some(data => data.includes('"error"')), 'the stream ended with an error')
      demand(
        datas.some(data => data.includes('"finish_reason":"length"')),
        'the stream has no finish reason',
      )
      await demandExit(context, server)
    },
  },
  {
    id: 'drain.idle',
    item: 21,
    what: 'SIGTERM ends a server that does nothing, with exit code 0',
    needs: ['spawn'],
    async run(context) {
      const server = await context.launch()
      await server.ready()
      server.kill('SIGTERM')
      await demandExit(context, server)
    },
  },
]

/** From a while after the signal on, the server takes nothing new: no connection, or 503. */
async function demandRefused(context: Context, server: Launched): Promise<void> {
  const end = performance.now() + 1000
  for (;;) {
    const reply = await server.client.post(CHAT, chatFields(context, { max_tokens: 1 })).catch(() => undefined)
    if (reply === undefined) return
    if (reply.status !== 200) {
      refused(context, reply, 503)
      return
    }
    demand(performance.now() < end, 'a second after SIGTERM, new requests are answered still')
    await sleep(10)
  }
}

async function demandExit(context: Context, server: Launched): Promise<void> {
  const exit = await Promise.race([server.exited, sleep(10_000, undefined, { ref: false })])
  demand(exit, '10 s after SIGTERM it still runs')
  if (exit.signal === 'SIGTERM' || exit.code === 143) return context.tolerate(`it ended with ${describeExit(exit)}`)
  demandEqual(exit.code, 0, `the exit code (${describeExit(exit)})`)
}
