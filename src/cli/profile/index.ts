import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { chromeTrace, runProfile } from '../../bench/index.ts'
import type { Config } from '../config.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { measuredModel } from '../measured-model.ts'
import type { World } from '../world.ts'
import { write } from '../write.ts'
import { underNsys } from './nsys.ts'
import { profileTable } from './print.ts'

/** `warpline profile`: where the time of a step goes. */
export async function runProfileVerb(config: Config, world: World): Promise<ExitCode> {
  if (config.nsys) return await underNsys(process.argv.slice(1), world)
  const { name, path, config: model, options } = measuredModel(config.target, config)
  const { batch = 1, depth, promptLength, steps, ceilings, nvtx, trace } = config
  const { report, spans } = await runProfile({
    name,
    path,
    options,
    config: model,
    batch,
    depth,
    prompt: promptLength ?? 0,
    steps,
    ceilings,
    nvtx,
    command: `warpline ${process.argv.slice(2).join(' ')}`,
    onProgress: text => world.stderr.write(`${text}\n`),
  })
  if (trace !== undefined) {
    await writeFile(resolve(world.cwd, trace), JSON.stringify(chromeTrace(spans, report.steps)))
    world.stderr.write(`${trace}: open it in https://ui.perfetto.dev or chrome://tracing\n`)
  }
  const text = config.json ? `${JSON.stringify(report, null, 2)}\n` : profileTable(report, world)
  await write(world.stdout, text)
  return EXIT.ok
}
