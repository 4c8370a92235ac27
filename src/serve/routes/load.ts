import { z } from 'zod'
import type { Route } from './route.ts'

const count = z.int().min(0)

/** vLLM's `server_load`, and what it is made of. */
const loadReply = z.object({
  server_load: count.meta({ description: 'Both together.' }),
  running: count.meta({ description: 'Sequences that the engine computes.' }),
  waiting: count.meta({ description: 'Requests that wait, in the server’s queue and in the engine’s.' }),
})

/** For routers, which ask each second: of `/metrics`, two lines are the same, and all of it costs milliseconds. */
export const load: Route = {
  method: 'GET',
  path: '/load',
  scope: 'user',
  group: 'operations',
  summary: 'Tells how much is under way.',
  reply: { description: 'As of now.', schema: loadReply },
  handle(exchange) {
    const { host } = exchange
    const { running, waiting } = host.engine().stats()
    const all = waiting + host.admission.snapshot().waiting
    exchange.json(200, { server_load: running + all, running, waiting: all }, { 'Cache-Control': 'no-store' })
  },
}
