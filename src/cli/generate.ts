import { text as readAll } from 'node:stream/consumers'
import { AbortedError, type DoneEvent, type Engine, type Input } from '../engine/index.ts'
import type { Config } from './config.ts'
import { timeToFirstTokenMs, tokensPerSecond } from './describe.ts'
import { EXIT, type ExitCode, UsageError } from './exit.ts'
import { harmless } from './style.ts'
import { openChosen, samplingOf } from './target.ts'
import type { World } from './world.ts'
import { write } from './write.ts'

/** `warpline generate`: one prompt, one answer. */
export async function runGenerate(config: Config, world: World): Promise<ExitCode> {
  if (config.prompt === undefined) {
    throw new UsageError('nothing to complete, give -p TEXT, or -p - to read standard input')
  }
  const prompt = config.prompt === '-' ? (await readAll(world.stdin)).replace(/\r?\n$/, '') : config.prompt
  await using engine = await openChosen(config, world)
  const abort = new AbortController()
  const restore = world.onSignal(signal => abort.abort(signal))
  try {
    await complete(engine, inputOf(prompt, engine, config), abort.signal, config, world)
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof AbortedError)) throw error
    if (!config.json) world.stdout.write('\n')
    return abort.signal.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
  } finally {
    restore()
  }
}

function inputOf(prompt: string, engine: Engine, { raw, system }: Config): Input {
  if (raw || !engine.info.chat) {
    if (system !== undefined) throw new UsageError('--system needs a chat template: the prompt is completed as it is')
    return { text: prompt }
  }
  const messages = system === undefined ? [] : [{ role: 'system', content: system } as const]
  return { messages: [...messages, { role: 'user', content: prompt }] }
}

async function complete(engine: Engine, input: Input, signal: AbortSignal, config: Config, world: World) {
  const ids: number[] = []
  let text = ''
  let done: DoneEvent | undefined
  for await (const event of engine.generate({ input, sampling: samplingOf(config) }, { signal })) {
    if (event.type === 'done') done = event
    if (event.type !== 'tokens') continue
    ids.push(...event.ids)
    text += event.text
    if (!config.json) await write(world.stdout, harmless(event.text, world.stdout))
  }
  if (config.json) await write(world.stdout, `${JSON.stringify(resultOf(engine, text, ids, done!), null, 2)}\n`)
  else if (!text.endsWith('\n')) await write(world.stdout, '\n')
}

function resultOf(engine: Engine, text: string, ids: readonly number[], done: DoneEvent) {
  const { finishReason, stop } = done.choices[0]!
  return {
    model: engine.info.model,
    backend: engine.info.backend,
    text,
    tokens: ids,
    finishReason,
    ...(stop !== undefined && { stop }),
    usage: done.usage,
    timings: {
      ...done.timings,
      timeToFirstTokenMs: timeToFirstTokenMs(done),
      tokensPerSecond: tokensPerSecond(done) ?? null,
    },
  }
}
