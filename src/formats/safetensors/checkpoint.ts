import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { FormatError } from '../errors.ts'
import { readJson } from '../json.ts'
import { JsonFields } from '../json-fields.ts'
import { quote } from '../quote.ts'
import { SafetensorsFile } from './safetensors-file.ts'
import type { TensorInfo, TensorSource } from './tensor-source.ts'

export const SINGLE_FILE = 'model.safetensors'
export const INDEX_FILE = 'model.safetensors.index.json'

/** The largest checkpoints have a few hundred; each stays open. */
const MAX_SHARDS = 1024
/** Ten times the index of the largest mixtures of experts. */
const MAX_INDEX_BYTES = 64 << 20
/** A plain file name: no folder, drive, scheme or hidden file. */
const SHARD_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/

/**
 * Opens a model directory's weights: `model.safetensors`, or the shards that `model.safetensors.index.json` names.
 *
 * @throws FormatError when neither is there or anything about them is wrong.
 */
export function openCheckpoint(directory: string): TensorSource {
  const single = join(directory, SINGLE_FILE)
  if (existsSync(single)) return new SafetensorsFile(single)
  const index = join(directory, INDEX_FILE)
  if (existsSync(index)) return new ShardedCheckpoint(index)
  throw new FormatError(directory, `holds neither ${SINGLE_FILE} nor ${INDEX_FILE}${otherWeights(directory)}`)
}

class ShardedCheckpoint implements TensorSource {
  readonly tensors = new Map<string, TensorInfo>()
  readonly #shardOf = new Map<string, SafetensorsFile>()
  readonly #shards = new Map<string, SafetensorsFile>()

  constructor(readonly path: string) {
    try {
      this.#open()
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  read(name: string, first?: number, count?: number, into?: Float32Array): Float32Array {
    const shard = this.#shardOf.get(name)
    if (shard === undefined) throw new FormatError(this.path, `has no tensor ${quote(name)}`)
    return shard.read(name, first, count, into)
  }

  [Symbol.dispose](): void {
    for (const shard of this.#shards.values()) shard[Symbol.dispose]()
  }

  #open(): void {
    const index = JsonFields.of(this.path, readJson(this.path, { maxBytes: MAX_INDEX_BYTES }))
    const map = index.child('weight_map') ?? index.missing('weight_map')
    for (const name of Object.keys(map.object)) {
      const shard = this.#shard(map.string(name))
      const tensor = shard.tensors.get(name)
      if (tensor === undefined) {
        throw new FormatError(
          this.path,
          `places the tensor ${quote(name)} in ${basename(shard.path)}, which does not hold it`,
        )
      }
      this.tensors.set(name, tensor)
      this.#shardOf.set(name, shard)
    }
    if (this.tensors.size === 0) throw new FormatError(this.path, 'names no tensors')
  }

  #shard(name: string): SafetensorsFile {
    const known = this.#shards.get(name)
    if (known !== undefined) return known
    if (!SHARD_NAME.test(name)) {
      throw new FormatError(this.path, `names the shard ${quote(name)}, which is not the name of a file beside it`)
    }
    if (this.#shards.size === MAX_SHARDS) throw new FormatError(this.path, `names more than ${MAX_SHARDS} shards`)
    const path = join(dirname(this.path), name)
    if (!existsSync(path))
      throw new FormatError(this.path, `names the shard ${name}, which is not there: fetch it again`)
    requireInside(this.path, path)
    const shard = new SafetensorsFile(path)
    this.#shards.set(name, shard)
    return shard
  }
}

/**
 * A shard may be a link, but not out of the model. The Hub's cache is the one layout whose files lie elsewhere:
 * `snapshots/REVISION/FILE` links to `blobs/DIGEST`.
 */
function requireInside(index: string, shard: string): void {
  const directory = realpathSync(dirname(shard))
  const roots = [directory]
  if (basename(dirname(directory)) === 'snapshots') roots.push(join(dirname(dirname(directory)), 'blobs'))
  const real = realpathSync(shard)
  if (roots.some(root => real.startsWith(root + sep))) return
  throw new FormatError(index, `names the shard ${basename(shard)}, a link that leads out of the model's directory`)
}

function otherWeights(directory: string): string {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return ': it is not a directory'
  const others = readdirSync(directory).filter(name => /^pytorch_model.*\.bin$|\.(gguf|pth?)$/.test(name))
  return others.length === 0 ? '' : ` but ${quote(others[0]!)}: only safetensors weights are read, convert it first`
}
