import { show } from '../check.ts'
import { Client, type Opened } from '../http/client.ts'
import { faultOf } from './fault.ts'
import { operationsOf } from './operations.ts'
import { type MadeRequest, RequestMaker } from './request-maker.ts'

export interface FuzzOptions {
  readonly seconds: number
  /** The same seed sends the same requests, though perhaps more or fewer of them. Default 1. */
  readonly seed?: number
  readonly key?: string
  /** Of requests at once. Default 4. */
  readonly width?: number
  /** Ends it early. */
  readonly signal?: AbortSignal
}

export interface FuzzFault {
  /** What the server did that it must not do. */
  readonly what: string
  /** Which request of the seed it was, from 0. */
  readonly index: number
  readonly method: string
  readonly path: string
  readonly mutation: string
  /** Cut where it is long. */
  readonly body: string
}

export interface FuzzReport {
  readonly requests: number
  /** Answers by status; `left` counts those that this client did not wait for. */
  readonly statuses: Readonly<Record<string, number>>
  /** Requests by how they were spoiled. */
  readonly mutations: Readonly<Record<string, number>>
  /** Whether the requests were made from the server's own description. */
  readonly described: boolean
  readonly faults: readonly FuzzFault[]
  /** Whether /health is 200 afterwards. */
  readonly healthy: boolean
}

/** An answer that takes longer is left: a request may well ask for a long text. In ms. */
const PATIENCE_MS = 3000
/** After as many faults nothing new is learnt. */
const MAX_FAULTS = 20

/**
 * Sends requests made from the server's OpenAPI description, whole and spoiled, for some seconds.
 *
 * @example
 * const { faults } = await fuzz('http://127.0.0.1:8090', { seconds: 60, seed: 7 })
 */
export async function fuzz(url: string, options: FuzzOptions): Promise<FuzzReport> {
  const { seconds, seed = 1, key, width = 4, signal } = options
  const description = await describe(new Client(url, key, AbortSignal.timeout(PATIENCE_MS)))
  const maker = new RequestMaker(operationsOf(description), seed)
  const end = performance.now() + seconds * 1000
  const statuses: Record<string, number> = {}
  const mutations: Record<string, number> = {}
  const faults: FuzzFault[] = []
  let next = 0

  const worker = async (): Promise<void> => {
    while (performance.now() < end && !signal?.aborted && faults.length < MAX_FAULTS) {
      const index = next++
      const request = maker.make(index)
      const { status, fault } = await send(url, key, request)
      statuses[status] = (statuses[status] ?? 0) + 1
      mutations[request.mutation] = (mutations[request.mutation] ?? 0) + 1
      if (fault === undefined) continue
      const { method, path, mutation, body = '' } = request
      faults.push({ what: fault, index, method, path: show(path), mutation, body: show(body, 300) })
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  const health = await new Client(url, key, AbortSignal.timeout(10_000)).get('/health').catch(() => undefined)
  return {
    requests: next,
    statuses,
    mutations,
    described: description !== undefined,
    faults,
    healthy: health?.status === 200,
  }
}

async function describe(client: Client): Promise<unknown> {
  // A server that drops connections is told of by the requests that follow.
  const reply = await client.get('/openapi.json').catch(() => undefined)
  return reply?.status === 200 ? JSON.parse(reply.text) : undefined
}

/** `status` is what is counted: a number, `left` or `lost`. */
async function send(
  url: string,
  key: string | undefined,
  { method, path, body }: MadeRequest,
): Promise<{ readonly status: string; readonly fault?: string | undefined }> {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  let opened: Opened | undefined
  const chunks: Buffer[] = []
  try {
    opened = await new Client(url, key, patience).open(path, { method, body })
    for await (const chunk of opened.body) chunks.push(chunk)
  } catch (error) {
    if (patience.aborted) return { status: 'left' }
    const { code, message } = error as NodeJS.ErrnoException
    return {
      status: 'lost',
      fault: `the connection was lost${opened ? ` after status ${opened.status}` : ''}: ${code ?? message}`,
    }
  }
  const { status, headers } = opened
  return { status: String(status), fault: faultOf({ status, headers, text: Buffer.concat(chunks).toString() }) }
}
