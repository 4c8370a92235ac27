import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Key, KeyAccess, keysFrom, keysFromEnvironment, type ServeOptions, type Server } from '../serve/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { Config } from './config.ts'
import type { EngineSource } from './engine-source.ts'
import { UsageError } from './exit.ts'
import { flagOf } from './options.ts'
import type { World } from './world.ts'

type Files = Pick<Config, 'keys' | 'tlsCert' | 'tlsKey'>

/** What the server reads at its start and again at SIGHUP: keys and the certificate. */
export class ServeFiles {
  private constructor(
    private readonly config: Files,
    private readonly world: Pick<World, 'env' | 'cwd'>,
    private readonly access: KeyAccess | undefined,
    private readonly tls: { readonly cert: string; readonly key: string } | undefined,
  ) {}

  /** @throws UsageError, KeysError */
  static async read(config: Files, world: Pick<World, 'env' | 'cwd'>): Promise<ServeFiles> {
    const keys = await readKeys(config, world)
    return new ServeFiles(config, world, keys && new KeyAccess(keys), await readTls(config, world))
  }

  get options(): Pick<ServeOptions, 'access' | 'tls'> {
    return { ...(this.access && { access: this.access }), ...(this.tls && { tls: this.tls }) }
  }

  /** What cannot be read leaves all as it was. */
  async reload(server: Server, logger: Logger, source: Pick<EngineSource, 'reload'>): Promise<void> {
    try {
      const keys = await readKeys(this.config, this.world)
      const tls = await readTls(this.config, this.world)
      await source.reload()
      if (keys) this.access?.replace(keys)
      if (tls) server.setTls(tls)
      logger.info({ keys: keys?.length ?? 0, tls: tls !== undefined }, 'reloaded')
    } catch (error) {
      logger.error({}, `nothing was reloaded: ${(error as Error).message}`)
    }
  }
}

/** Of the file and of the environment, which stay the same for a process. Undefined where neither is given. */
async function readKeys({ keys }: Files, { env, cwd }: Pick<World, 'env' | 'cwd'>): Promise<Key[] | undefined> {
  const given = keysFromEnvironment(env.WARPLINE_API_KEYS, env.WARPLINE_ADMIN_KEYS)
  const listed = keys === undefined ? [] : keysFrom(await textOf('keys', keys, cwd))
  return keys === undefined && given.length === 0 ? undefined : [...listed, ...given]
}

async function readTls({ tlsCert, tlsKey }: Files, { cwd }: Pick<World, 'cwd'>) {
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined)
    throw new UsageError(`${flagOf('tlsCert')} and ${flagOf('tlsKey')} need each other`)
  return { cert: await textOf('tlsCert', tlsCert, cwd), key: await textOf('tlsKey', tlsKey, cwd) }
}

async function textOf(option: keyof Files, path: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), 'utf8')
  } catch (error) {
    throw new UsageError(`${flagOf(option)}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}
