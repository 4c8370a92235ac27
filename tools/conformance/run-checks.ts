import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Check, type Context, Failure, type Need, type Options, Skip } from './check.ts'
import { Client, jsonOf } from './http/client.ts'
import { describeExit, Launched } from './launch.ts'
import { modelList, shaped } from './shapes.ts'

export interface Result {
  readonly id: string
  readonly item: number
  readonly what: string
  /** `noted`: it holds, but for something that is tolerated. */
  readonly outcome: 'passed' | 'noted' | 'failed' | 'skipped'
  readonly detail: string
  readonly ms: number
}

const NEEDS: Readonly<Record<Need, (options: Options, key: string | undefined) => string | undefined>> = {
  spawn: ({ spawn }) => (spawn === undefined ? 'needs --spawn' : undefined),
  key: (_, key) => (key === undefined ? 'needs --key, or --spawn with {key} and no URL' : undefined),
}

/** Runs `checks` one after the other, telling each result as it comes. */
export async function runChecks(
  checks: readonly Check[],
  options: Options,
  report: (result: Result) => void,
): Promise<Result[]> {
  await using target = await openTarget(options)
  const results: Result[] = []
  for (const check of checks) {
    await target.revive()
    const result = await runCheck(check, options, target)
    report(result)
    results.push(result)
  }
  return results
}

async function runCheck(check: Check, options: Options, target: Target): Promise<Result> {
  const start = performance.now()
  const seconds = options.timeout + (check.extraSeconds?.(options) ?? 0)
  const timeout = AbortSignal.timeout(seconds * 1000)
  // Each request of a check listens, and some checks send a thousand.
  setMaxListeners(0, timeout)
  const notes: string[] = []
  const launched: Launched[] = []
  let tolerated = 0
  const context: Context = {
    options,
    client: new Client(target.url, target.key, timeout),
    model: target.model,
    key: target.key,
    signal: timeout,
    note: text => notes.push(text),
    tolerate: text => {
      if (options.strict) throw new Failure(text)
      tolerated++
      notes.push(text)
    },
    launch: async () => {
      const server = await Launched.start(options.spawn!, timeout)
      launched.push(server)
      return server
    },
  }
  let outcome: Result['outcome']
  try {
    for (const need of check.needs ?? []) {
      const reason = NEEDS[need](options, target.key)
      if (reason !== undefined) throw new Skip(reason)
    }
    await check.run(context)
    outcome = tolerated > 0 ? 'noted' : 'passed'
  } catch (error) {
    outcome = error instanceof Skip ? 'skipped' : 'failed'
    notes.unshift(timeout.aborted ? `not done within ${seconds} s` : describe(error))
  }
  for (const server of launched) await server[Symbol.asyncDispose]()
  const end = await target.ended(outcome === 'failed')
  if (end !== undefined) {
    outcome = 'failed'
    notes.unshift(end)
  }
  const detail = [...new Set(notes)].join('; ').replace(/\s+/g, ' ')
  return { id: check.id, item: check.item, what: check.what, outcome, detail, ms: performance.now() - start }
}

function describe(error: unknown): string {
  if (error instanceof Failure || error instanceof Skip) return error.message
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  // The words of those whom nobody expected are all there is to find them by.
  return code === undefined ? `${error.name}: ${error.message}` : `the connection failed: ${code}`
}

/** The server under test: somebody's, or one that was started for this run. */
interface Target extends AsyncDisposable {
  readonly url: string
  readonly key: string | undefined
  readonly model: string
  /** How it ended, where it was started here and has ended. */
  ended(mayHaveDied: boolean): Promise<string | undefined>
  /** Starts it again where it has ended. */
  revive(): Promise<void>
}

/** How long a server that was just asked something may take to be seen dead, in ms. */
const DEATH_MS = 50

async function openTarget(options: Options): Promise<Target> {
  const launch = async (): Promise<Launched | undefined> => {
    if (options.url !== undefined) return undefined
    const limit = AbortSignal.timeout(options.timeout * 1000)
    const server = await Launched.start(options.spawn!, limit)
    try {
      await server.ready()
      return server
    } catch (error) {
      await server[Symbol.asyncDispose]()
      if (limit.aborted) throw new Failure(`the server was not ready within ${options.timeout} s: ${server.lastWords}`)
      throw error
    }
  }
  let server = await launch()
  const key = options.key ?? server?.key
  const signal = AbortSignal.timeout(options.timeout * 1000)
  const model = options.model ?? (await firstModel(new Client(server?.url ?? options.url!, key, signal)))
  return {
    get url() {
      return server?.url ?? options.url!
    },
    key,
    model,
    async ended(mayHaveDied) {
      if (server === undefined) return undefined
      if (mayHaveDied) await Promise.race([server.exited, sleep(DEATH_MS)])
      return server.exit && `the server ended with ${describeExit(server.exit)}: ${server.lastWords}`
    },
    async revive() {
      if (!server?.exit) return
      await server[Symbol.asyncDispose]()
      server = await launch()
    },
    async [Symbol.asyncDispose]() {
      await server?.[Symbol.asyncDispose]()
    },
  }
}

async function firstModel(client: Client): Promise<string> {
  const reply = await client.get('/v1/models').catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`nothing answers at ${client.url}: ${error.code ?? error.message}`)
  })
  if (reply.status !== 200) throw new Failure(`GET /v1/models gave ${reply.status}: name the model with --model`)
  const [first] = shaped(modelList, jsonOf(reply), 'GET /v1/models').data
  if (!first) throw new Failure('GET /v1/models lists no model: name one with --model')
  return first.id
}
