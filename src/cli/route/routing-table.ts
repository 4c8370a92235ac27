import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { RoutingTable, UpstreamSpec } from '../../route/index.ts'
import type { Config } from '../config.ts'
import { UsageError } from '../exit.ts'
import { flagOf } from '../options.ts'
import type { World } from '../world.ts'

const name = z.string().min(1).max(256)
const weight = z.number().positive().optional()

/** What the file of `--routes` may hold; what it means is said at `RoutingTable`. */
const FILE = z.strictObject({
  upstreams: z
    .array(
      z.strictObject({
        url: z.string().min(1),
        name: name.optional(),
        model: name.optional(),
        apiKeyFile: z.string().optional(),
        weight,
        maxInFlight: z.int().positive().optional(),
      }),
    )
    .min(1),
  models: z
    .array(
      z.strictObject({
        name,
        aliases: z.array(name).optional(),
        upstreams: z.array(z.union([name.transform(name => ({ name })), z.strictObject({ name, weight })])).min(1),
        fallbacks: z.array(name).optional(),
      }),
    )
    .optional(),
})

/**
 * What `--upstream` and `--routes` say; undefined where neither is given.
 *
 * @throws UsageError naming the place
 */
export async function readRoutingTable(
  { upstream = [], routes }: Pick<Config, 'upstream' | 'routes'>,
  { cwd }: Pick<World, 'cwd'>,
): Promise<RoutingTable | undefined> {
  if (upstream.length === 0 && routes === undefined) return undefined
  const { upstreams, models } = routes === undefined ? { upstreams: [] } : await readTable(routes, cwd)
  return { upstreams: [...upstream.map(specOf), ...upstreams], ...(models && { models }) }
}

/** `URL` or `NAME=URL`; of a URL's own `=` none stands before its scheme. */
function specOf(text: string): UpstreamSpec {
  const [, name, url] = /^([^=:/?]+)=(.+)$/.exec(text) ?? []
  return url === undefined ? { url: text } : { name: name!, url }
}

async function readTable(path: string, cwd: string): Promise<RoutingTable> {
  const raw = parsed(path, await textOf(path, cwd), (await import('yaml')).parse)
  const { data, error } = FILE.safeParse(raw)
  if (data === undefined) {
    const [issue] = error.issues
    const place = issue!.path.reduce<string>(
      (at, key) => at + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`),
      '',
    )
    throw new UsageError(`${path}${place}: ${issue!.message}`)
  }
  // What a file leaves out is absent here as well.
  return JSON.parse(JSON.stringify(data)) as RoutingTable
}

async function textOf(path: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), 'utf8')
  } catch (error) {
    throw new UsageError(`${flagOf('routes')}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

/** JSON is YAML, too. */
function parsed(path: string, text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text)
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message.split('\n')[0]?.replace(/:$/, '')}`)
  }
}
