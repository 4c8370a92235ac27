import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { matrixCsv, matrixHtml, readMatrixFile, runMatrix } from '../../bench/index.ts'
import type { Config } from '../config.ts'
import { EXIT, type ExitCode, UsageError } from '../exit.ts'
import type { World } from '../world.ts'
import { write } from '../write.ts'
import { matrixTable } from './matrix-table.ts'
import { stopper } from './stopper.ts'

/** `warpline bench matrix FILE`: a cell after the other, each kept as it is measured. */
export async function benchMatrix(config: Config, world: World, words: readonly string[]): Promise<ExitCode> {
  const [file, ...more] = words
  if (file === undefined || more.length > 0) throw new UsageError('bench matrix: name one file, e.g. cells.yaml')
  const spec = await readMatrixFile(resolve(world.cwd, file))
  const say = (text: string) => world.stderr.write(`${text}\n`)
  using stop = stopper(world, say)
  const summary = await runMatrix(spec, {
    folder: resolve(world.cwd, config.folder),
    force: config.force,
    command: `warpline ${process.argv.slice(2).join(' ')}`,
    signal: stop.signal,
    onProgress: say,
    measure: world.measureRun,
  })
  const { html, csv, json } = config
  if (html !== undefined) await writeFile(resolve(world.cwd, html), matrixHtml(summary))
  if (csv !== undefined) await writeFile(resolve(world.cwd, csv), matrixCsv(summary))
  await write(world.stdout, json ? `${JSON.stringify(summary, null, 2)}\n` : matrixTable(summary, world))
  return stop.code ?? (summary.missing === 0 && summary.cells.every(({ figures }) => figures) ? EXIT.ok : EXIT.failure)
}
