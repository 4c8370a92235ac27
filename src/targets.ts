import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Engine, InvalidTargetError } from './engine/index.ts'
import { openMock } from './mock/index.ts'
import { isShapeName, type NativeOptions, openNative, shapeNames } from './native/index.ts'
import { openRemote, type RemoteOptions } from './remote/index.ts'

export interface OpenOptions extends Omit<NativeOptions, 'onProgress'> {
  /** Called while a model loads; `total` is 0 until it is known. */
  readonly onProgress?: (progress: { readonly loaded: number; readonly total: number; readonly what: string }) => void
  /** How a server elsewhere is spoken to. */
  readonly remote?: RemoteOptions
}

type Opener = (rest: string, options: OpenOptions) => Promise<Engine>

/** What may stand before a target's first colon. The only place that knows every engine. */
const SCHEMES: Readonly<Record<string, Opener>> = {
  native: openModel,
  mock: async rest => openMock(`mock:${rest}`),
  http: (rest, { remote }) => openRemote(`http:${rest}`, remote),
  https: (rest, { remote }) => openRemote(`https:${rest}`, remote),
}

/** Models that come with the package: name → folder. */
const BUNDLED = { ember: new URL('../models/ember/', import.meta.url) }

const DEFAULT_TARGET = 'ember'

/**
 * Opens any target: `native:PATH-OR-NAME`, where the prefix may be left out, `mock:?ttft=20ms&itl=5ms`, or
 * the address of a server, `http://HOST:PORT`.
 * Without one, the bundled model. With `loadFormat: 'dummy'`, the name of a known shape, e.g. `llama-2-7b`, as well.
 *
 * @throws InvalidTargetError, ModelLoadError, FormatError
 *
 * @example
 * await using engine = await openTarget('mock:?itl=5ms')
 */
export function openTarget(target: string = DEFAULT_TARGET, options: OpenOptions = {}): Promise<Engine> {
  const scheme = /^([a-z][a-z0-9+.-]+):/.exec(target)?.[1]
  if (scheme === undefined) return openModel(target, options)
  const open = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined
  if (open === undefined) {
    const known = Object.keys(SCHEMES).map(name => `${name}:`)
    return Promise.reject(
      new InvalidTargetError(
        `"${target}" begins with an unknown scheme; a target is ${known.join(', ')} or a model's folder`,
      ),
    )
  }
  return open(target.slice(scheme.length + 1), options)
}

async function openModel(name: string, { onProgress, remote: _, ...options }: OpenOptions): Promise<Engine> {
  const model = name === '' ? DEFAULT_TARGET : name
  return await openNative(modelName(model, options.loadFormat === 'dummy'), {
    ...options,
    ...(onProgress !== undefined && {
      onProgress: ({ loadedBytes, totalBytes }) =>
        onProgress({ loaded: loadedBytes, total: totalBytes, what: 'weights' }),
    }),
  })
}

/** A folder; for random weights, a shape by its name as well. */
function modelName(name: string, dummy: boolean): string {
  if (dummy && isShapeName(name)) return name
  try {
    return modelDirectory(name)
  } catch (error) {
    if (!(error instanceof InvalidTargetError) || !(dummy || isShapeName(name))) throw error
    const more = dummy
      ? `shapes that are known without files: ${shapeNames.join(', ')}`
      : 'its shape is known, and runs with random weights: --load-format dummy'
    throw new InvalidTargetError(`${error.message}; ${more}`, { cause: error })
  }
}

/** The folder of a bundled model, or of one that lies anywhere. @throws InvalidTargetError */
export function modelDirectory(name: string): string {
  if (Object.hasOwn(BUNDLED, name)) return fileURLToPath(BUNDLED[name as keyof typeof BUNDLED])
  const directory = resolve(name)
  if (!existsSync(directory)) {
    const bundled = Object.keys(BUNDLED).join(', ')
    throw new InvalidTargetError(`no model "${name}": there is no such folder, and the bundled models are ${bundled}`)
  }
  if (!statSync(directory).isDirectory()) {
    throw new InvalidTargetError(`"${name}" is a file: name the folder that holds config.json and the weights`)
  }
  return directory
}
