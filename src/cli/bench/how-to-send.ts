import { type Engine, EngineError, type Input } from '../../engine/index.ts'
import type { Config } from '../config.ts'
import type { World } from '../world.ts'
import { openOptions, type SendAs } from './settings.ts'

/** How prompts are sent: as was asked, or as the target takes them, which a server elsewhere is asked for. */
export async function howToSend(target: string | undefined, config: Config, world: World): Promise<SendAs> {
  if (config.prompts !== undefined) return config.send === 'chat' ? 'chat' : 'text'
  if (config.send !== 'auto') return config.send
  if (!/^https?:/.test(target ?? '')) return 'tokens'
  if (config.api === 'chat') return 'chat'
  const { remote, ...open } = openOptions(config)
  await using engine = await world.openTarget(target, { ...open, remote: { ...remote, retries: 0 } })
  if (engine.info.vocabSize > 0 && (await takes({ tokens: [0, 1, 2] }, engine))) return 'tokens'
  return engine.info.chat ? 'chat' : 'text'
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
