import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { closest } from './closest.ts'
import { UsageError } from './exit.ts'
import { OPTION_KEYS } from './options.ts'

const NAMES = ['warpline.config.json', 'warpline.config.yaml'] as const

export interface ConfigFile {
  /** As it is called in errors. */
  readonly name: string
  readonly values: Readonly<Record<string, unknown>>
}

/** Reads `path`, or else the one config file in `cwd`, or nothing. Unknown options in it are refused by name. */
export async function readConfigFile(path: string | undefined, cwd: string): Promise<ConfigFile | undefined> {
  if (path !== undefined) {
    const content = await contentOf(resolve(cwd, path))
    if (content === undefined) throw new UsageError(`the config file ${path} does not exist`)
    return parse(path, content)
  }
  const found = await Promise.all(NAMES.map(async name => ({ name, content: await contentOf(resolve(cwd, name)) })))
  const [file, second] = found.filter(({ content }) => content !== undefined)
  if (file && second) throw new UsageError(`both ${file.name} and ${second.name} are here: keep one of them`)
  return file?.content === undefined ? undefined : parse(file.name, file.content)
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new UsageError(`the config file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

async function parse(path: string, content: string): Promise<ConfigFile> {
  const name = basename(path)
  const values = await parseValues(name, content)
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new UsageError(`${name}: expected an object of options, such as {"port": 8090}`)
  }
  for (const key of Object.keys(values)) {
    if (OPTION_KEYS.some(known => known === key)) continue
    const near = closest(key, OPTION_KEYS)
    throw new UsageError(`${name}: unknown option "${key}"${near ? ` (did you mean "${near}"?)` : ''}`)
  }
  return { name, values: values as Record<string, unknown> }
}

async function parseValues(name: string, content: string): Promise<unknown> {
  try {
    if (/\.ya?ml$/.test(name)) return (await import('yaml')).parse(content) ?? {}
    return JSON.parse(content)
  } catch (error) {
    const [reason] = (error as Error).message.split('\n')
    throw new UsageError(`${name}: ${reason?.replace(/:$/, '')}`)
  }
}
