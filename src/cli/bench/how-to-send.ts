import { type Engine, EngineError, type EngineInfo, type Input } from '../../engine/index.ts'
import type { Config } from '../config.ts'
import type { World } from '../world.ts'
import { openOptions, type SendAs } from './settings.ts'

const SHORT = 'Hello'

/** What is tried, from the most exact on. */
const TRIED: readonly (readonly [way: SendAs, input: Input])[] = [
  ['tokens', { tokens: [0, 1, 2] }],
  ['chat', { messages: [{ role: 'user', content: SHORT }] }],
  ['text', { text: SHORT }],
]

/**
 * How prompts are sent: as was asked, or as all targets take them. Servers elsewhere are tried, so that each has answered
 * once before a load is put on it.
 *
 * @throws what they fail with: a wrong address, key or model is told in a line, and not by a hundred failed requests
 */
export async function howToSend(targets: readonly string[], config: Config, world: World): Promise<SendAs> {
  const chosen = chosenWay(config)
  const elsewhere = targets.filter(target => /^https?:/.test(target))
  if (elsewhere.length === 0) return chosen ?? 'tokens'
  const engines: Engine[] = []
  try {
    const { remote, ...open } = openOptions(config)
    for (const target of elsewhere) {
      engines.push(await world.openTarget(target, { ...open, remote: { ...remote, retries: 0 } }))
    }
    return await firstTaken(engines, chosen)
  } finally {
    await Promise.all(engines.map(engine => engine.close()))
  }
}

function chosenWay({ prompts, send, api }: Config): SendAs | undefined {
  if (prompts !== undefined) return send === 'chat' ? 'chat' : 'text'
  if (send !== 'auto') return send
  return api === 'chat' ? 'chat' : undefined
}

async function firstTaken(engines: readonly Engine[], chosen: SendAs | undefined): Promise<SendAs> {
  const ways = TRIED.filter(([way]) =>
    chosen === undefined ? engines.every(engine => may(way, engine.info)) : way === chosen,
  )
  let first: EngineError | undefined
  for (const [way, input] of ways) {
    const failures = await Promise.all(engines.map(engine => failureOf(input, engine)))
    const failure = failures.find(each => each !== undefined)
    if (failure === undefined) return way
    first ??= failure
  }
  throw first!
}

function may(way: SendAs, { vocabSize, chat }: EngineInfo): boolean {
  return way === 'text' || (way === 'chat' ? chat : vocabSize > 0)
}

/** Too much at once is no refusal. */
async function failureOf(input: Input, engine: Engine): Promise<EngineError | undefined> {
  try {
    for await (const _ of engine.generate({ input, sampling: { maxTokens: 1 } })) void _
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return error.code === 'overloaded' ? undefined : error
  }
  return undefined
}
