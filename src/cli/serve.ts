import type { Engine } from '../engine/index.ts'
import { serve } from '../serve/index.ts'
import { createLogger } from '../telemetry/index.ts'
import { chooseSource } from './choose-source.ts'
import type { Config } from './config.ts'
import { curlLine } from './curl-line.ts'
import { describeCompute, describeMemory, describeModel } from './describe.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { ServeFiles } from './serve-files.ts'
import { styleFor } from './style.ts'
import type { Signal, World } from './world.ts'

/** `warpline serve`: listens at once, loads meanwhile, and answers until a signal. */
export async function runServe(config: Config, world: World): Promise<ExitCode> {
  const write = (line: string) => world.stderr.write(`${line}\n`)
  const logger = createLogger({ level: config.logLevel, format: config.logFormat, write })
  // What is said to people, who may not be there to read it.
  const say = config.logFormat === 'text' ? write : (text: string) => logger.info({}, text)
  // From here on, so that no signal comes too early to be heard.
  const signalled = firstSignal(world, () => say('stopping once running requests are answered; again to stop at once'))
  const files = await ServeFiles.read(config, world)
  let load = () => {}
  const source = await chooseSource(config, world, logger)
  // An address in use must not cost the loading of a model.
  let engine = new Promise<void>(resolve => {
    load = resolve
  }).then(() => source.open())
  let lose = (_: 'lost') => {}
  const lost = new Promise<'lost'>(resolve => {
    lose = resolve
  })
  const reopen = async (): Promise<Engine> => {
    // What is left of the lost one; where even that failed to open, there is nothing to close.
    await engine.then(each => each.close()).catch(() => undefined)
    engine = source.open()
    return await engine
  }
  const server = await serve({
    engine,
    ...(config.onEngineFailure === 'restart' && { reopen }),
    ...(config.onEngineFailure === 'exit' && { onEngineFailure: () => lose('lost') }),
    host: config.host,
    port: config.port,
    insecure: config.insecure,
    queueTokens: config.queueTokens,
    queueTimeMs: config.queueTime * 1000,
    writeTimeoutMs: config.writeTimeout * 1000,
    drainTimeoutMs: config.drainTimeout * 1000,
    logger,
    families: () => source.families(),
    ...files.options,
    ...(config.allowedHost && { allowedHosts: config.allowedHost }),
    ...(config.corsOrigin && { corsOrigins: config.corsOrigin }),
    ...(config.model !== undefined && { model: config.model }),
  })
  const stopReloading = world.onReload(() => void files.reload(server, logger, source))
  load()
  try {
    const opened = await Promise.race([engine, signalled])
    if (typeof opened !== 'string') {
      await server.ready()
      const needsKey = files.options.access !== undefined
      if (config.logFormat === 'text') say(readyText(opened, server.url, needsKey, config, world))
      else logger.info({ url: server.url, model: config.model ?? opened.info.model, engine: opened.info }, 'ready')
      if ((await Promise.race([signalled, lost])) === 'lost') return EXIT.engine
    }
  } finally {
    stopReloading()
    await server.close()
    await closeIfOpen(engine)
  }
  return EXIT.ok
}

/** Resolves at the first signal; the second ends the process. */
function firstSignal(world: World, onFirst: () => void): Promise<Signal> {
  return new Promise(resolve => {
    let seen = false
    world.onSignal(signal => {
      if (seen) world.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated)
      seen = true
      onFirst()
      resolve(signal)
    })
  })
}

function readyText({ info }: Engine, url: string, needsKey: boolean, config: Config, world: World): string {
  const style = styleFor(world.stderr, world.env)
  const name = config.model ?? info.model
  const memory = describeMemory(info)
  return [
    `${style('bold', `ready at ${url}`)}`,
    `  model     ${describeModel(info)}${name === info.model ? '' : `, served as ${name}`}`,
    `  computes  ${describeCompute(info)}`,
    ...(memory === undefined ? [] : [`  memory    ${memory}`]),
    '  try it:',
    '',
    style('cyan', curlLine(url, name, info.chat, needsKey)),
    '',
  ].join('\n')
}

/** Waits for no load: the process ends anyway. */
async function closeIfOpen(engine: Promise<Engine>): Promise<void> {
  const opened = await Promise.race([engine, Promise.resolve(undefined)]).catch(() => undefined)
  await opened?.close()
}
