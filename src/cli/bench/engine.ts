import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type EngineReport, runEngineBench, toCsv, worksOf } from '../../bench/index.ts'
import type { Config } from '../config.ts'
import { EXIT, type ExitCode, UsageError } from '../exit.ts'
import { measuredModel } from '../measured-model.ts'
import type { World } from '../world.ts'
import { write } from '../write.ts'
import { engineTable } from './engine-table.ts'

const FORMATS: Readonly<Record<Config['format'], (report: EngineReport, world: World) => string>> = {
  table: engineTable,
  json: report => `${JSON.stringify(report, null, 2)}\n`,
  csv: toCsv,
}

/** `warpline bench engine`: prompts and generation in process, as llama-bench measures them. */
export async function benchEngine(config: Config, world: World): Promise<ExitCode> {
  const { name, path, config: model, options } = measuredModel(config.target, config)
  const { promptLengths, answerLengths, depths, batches, repeat, ablate, ceilings, format, output } = config
  const works = worksOf({ prompts: promptLengths, answers: answerLengths, depths, batches })
  if (works.length === 0)
    throw new UsageError('bench engine: nothing to measure: give --prompt-lengths or --answer-lengths')
  const report = await runEngineBench({
    name,
    path,
    options,
    config: model,
    works,
    repeat,
    ablate,
    ceilings,
    command: `warpline ${process.argv.slice(2).join(' ')}`,
    onProgress: text => world.stderr.write(`${text}\n`),
  })
  const text = FORMATS[format](report, world)
  if (output === undefined) await write(world.stdout, text)
  else await writeFile(resolve(world.cwd, output), text)
  return report.rows.every(({ skipped }) => skipped === null) ? EXIT.ok : EXIT.failure
}
