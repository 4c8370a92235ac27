import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type BenchReport, readReport } from '../../bench/index.ts'
import type { Config } from '../config.ts'
import { EXIT, type ExitCode, UsageError } from '../exit.ts'
import type { World } from '../world.ts'
import { write } from '../write.ts'
import { Results } from './results.ts'

/** `warpline bench report FILE.json`: what was measured once, told again. */
export async function benchReport(config: Config, world: World, words: readonly string[]): Promise<ExitCode> {
  const [path, ...more] = words
  if (path === undefined || more.length > 0) throw new UsageError('bench report: name one report, e.g. run.json')
  const report = await readReportFile(path, world.cwd)
  const results = await Results.open(config, world)
  await write(world.stdout, await results.write(report))
  return EXIT.ok
}

export async function readReportFile(path: string, cwd: string): Promise<BenchReport> {
  let text: string
  try {
    text = await readFile(resolve(cwd, path), 'utf8')
  } catch (error) {
    throw new UsageError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  return readReport(text, path)
}
