import { constants } from 'node:fs'
import { access, appendFile, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type BenchReport, type Measured, toHtml, toJson, toJsonl, toRunsCsv, toVllm } from '../../bench/index.ts'
import { type Config, pick } from '../config.ts'
import { UsageError } from '../exit.ts'
import type { World } from '../world.ts'
import { summary } from './summary.ts'

/** What a report becomes in a file, by option. */
const FILES = {
  save: toJson,
  html: toHtml,
  csv: toRunsCsv,
  // As vLLM's own `--append-result`: an object for each run.
  vllm: (report: BenchReport) => report.runs.map(toVllm).join(''),
} as const satisfies Partial<Record<keyof Config, (report: BenchReport) => string | Promise<string>>>

const FILE_OPTIONS = Object.keys(FILES) as (keyof typeof FILES)[]

const FORMATS: Readonly<Record<Config['format'], (report: BenchReport, world: World) => string>> = {
  table: summary,
  json: toJson,
  csv: toRunsCsv,
}

/** What a benchmark leaves: a report on standard output, and files. */
export class Results {
  readonly #config: Config
  readonly #world: World
  #hasRecords = false

  private constructor(config: Config, world: World) {
    this.#config = config
    this.#world = world
  }

  /** @throws UsageError where a file could not be written: half a minute later it would be too late. */
  static async open(config: Config, world: World): Promise<Results> {
    const paths = Object.values(pick(config, [...FILE_OPTIONS, 'jsonl']))
    for (const path of paths) await refuseUnwritable(path, world.cwd)
    return new Results(config, world)
  }

  /** Requests of one more run: they are not held until the end. */
  async keep({ report, records }: Measured): Promise<void> {
    const { jsonl } = this.#config
    if (jsonl === undefined) return
    const put = this.#hasRecords ? appendFile : writeFile
    await put(resolve(this.#world.cwd, jsonl), toJsonl(records, report.label))
    this.#hasRecords = true
  }

  async write(report: BenchReport): Promise<string> {
    for (const option of FILE_OPTIONS) {
      const path = this.#config[option]
      if (path !== undefined) await writeFile(resolve(this.#world.cwd, path), await FILES[option](report))
    }
    return FORMATS[this.#config.format](report, this.#world)
  }
}

async function refuseUnwritable(path: string, cwd: string): Promise<void> {
  const full = resolve(cwd, path)
  try {
    await access(dirname(full), constants.W_OK)
    const isFolder = await stat(full).then(
      found => found.isDirectory(),
      () => false,
    )
    if (isFolder) throw Object.assign(new Error(), { code: 'EISDIR' })
  } catch (error) {
    throw new UsageError(`${path} cannot be written (${(error as NodeJS.ErrnoException).code})`)
  }
}
