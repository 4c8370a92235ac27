import { type Engine, EngineError, type Input } from '../../engine/index.ts'
import type { Config } from '../config.ts'
import type { World } from '../world.ts'
import { openOptions, type SendAs } from './settings.ts'

/** From the most exact on. */
const WAYS: readonly SendAs[] = ['tokens', 'chat', 'text']

/** How prompts are sent: as was asked, or as all targets take them, which servers elsewhere are asked for. */
export async function howToSend(targets: readonly string[], config: Config, world: World): Promise<SendAs> {
  if (config.prompts !== undefined) return config.send === 'chat' ? 'chat' : 'text'
  if (config.send !== 'auto') return config.send
  if (config.api === 'chat') return 'chat'
  const elsewhere = targets.filter(target => /^https?:/.test(target))
  const taken = await Promise.all(elsewhere.map(target => waysOf(target, config, world)))
  return WAYS.find(way => taken.every(ways => ways.includes(way))) ?? 'text'
}

async function waysOf(target: string, config: Config, world: World): Promise<readonly SendAs[]> {
  const { remote, ...open } = openOptions(config)
  await using engine = await world.openTarget(target, { ...open, remote: { ...remote, retries: 0 } })
  const { vocabSize, chat } = engine.info
  const takesIds = vocabSize > 0 && (await takes({ tokens: [0, 1, 2] }, engine))
  return WAYS.filter(way => way === 'text' || (way === 'chat' ? chat : takesIds))
}

/** Known only once it is tried: a server may tell its vocabulary and refuse ids. */
async function takes(input: Input, engine: Engine): Promise<boolean> {
  try {
    for await (const _ of engine.generate({ input, sampling: { maxTokens: 1 } })) void _
    return true
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    if (error.code === 'unauthorized' || error.code === 'unreachable') throw error
    return false
  }
}
