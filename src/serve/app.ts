import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Context, Hono } from 'hono'
import { RefusedError } from './errors/errors.ts'
import type { Exchange } from './exchange/exchange.ts'
import { chat } from './routes/chat.ts'
import { completions } from './routes/completions.ts'
import { generate } from './routes/generate.ts'
import { health } from './routes/health.ts'
import { model, models } from './routes/models.ts'

type Route = (exchange: Exchange, parameter: string) => void | Promise<void>
type Env = { Bindings: Exchange }

/** Fields are read only once there is an engine to read them for. */
const ready =
  (route: Route): Route =>
  (exchange, parameter) => {
    exchange.host.engine()
    return route(exchange, parameter)
  }

const ROUTES: Readonly<Record<string, { readonly GET?: Route; readonly POST?: Route }>> = {
  '/v1/chat/completions': { POST: ready(chat) },
  '/v1/completions': { POST: ready(completions) },
  '/generate': { POST: ready(generate) },
  '/v1/models': { GET: models },
  // A model's name may hold slashes.
  '/v1/models/:id{.+}': { GET: model },
  '/health': { GET: health },
}

/** Finds the route of a request; answers go past hono to the Node response. */
export function createApp(): Hono<Env> {
  const app = new Hono<Env>()
  for (const [path, methods] of Object.entries(ROUTES)) {
    for (const [method, route] of Object.entries(methods)) app.on(method, path, context => answer(context, route))
    const allowed = Object.keys(methods).flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    app.all(path, context => answer(context, notAllowed(allowed.join(', '))))
  }
  app.notFound(context => answer(context, notFound))
  app.onError((error, context) => answer(context, exchange => exchange.error(error)))
  return app
}

async function answer(context: Context<Env>, route: Route): Promise<Response> {
  const exchange = context.env
  try {
    await route(exchange, context.req.param('id') ?? '')
  } catch (error) {
    exchange.error(error)
  }
  return RESPONSE_ALREADY_SENT
}

function notAllowed(allowed: string): Route {
  return ({ incoming }) => {
    throw new RefusedError('method_not_allowed', `${incoming.method} is not allowed here: use ${allowed}`, {
      Allow: allowed,
    })
  }
}

function notFound(): never {
  throw new RefusedError('not_found', 'there is no such route')
}
