import { EXPOSITION_TYPE } from '../../telemetry/index.ts'
import type { Route } from './route.ts'

/** Under vLLM's names and llama.cpp's, and its own for what they do not have. */
export const metrics: Route = {
  method: 'GET',
  path: '/metrics',
  scope: 'admin',
  whileLoading: true,
  summary: 'Tells what is measured, for Prometheus.',
  reply: {
    type: 'text/plain',
    description: 'Prometheus’ text format; without an engine, its families are missing.',
  },
  async handle(exchange) {
    exchange.send(200, EXPOSITION_TYPE, await exchange.host.expose(), { 'Cache-Control': 'no-store' })
  },
}
