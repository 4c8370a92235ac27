import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The bytes of a safetensors file: `header` as JSON, or as the text or bytes that it is, then `data`. */
export function safetensors(header: unknown, data: Uint8Array | number = 0, length?: bigint): Buffer {
  const text = header instanceof Uint8Array ? header : typeof header === 'string' ? header : JSON.stringify(header)
  const json = Buffer.from(text as string)
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(length ?? BigInt(json.length))
  return Buffer.concat([prefix, json, typeof data === 'number' ? Buffer.alloc(data) : data])
}

/** A valid file of named F32 tensors. */
export function floatTensors(
  tensors: Readonly<Record<string, { shape: readonly number[]; values: Float32Array }>>,
): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  const data: Buffer[] = []
  let at = 0
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + values.byteLength] }
    data.push(Buffer.from(values.buffer, values.byteOffset, values.byteLength))
    at += values.byteLength
  }
  return safetensors(header, Buffer.concat(data))
}

/** A directory of these files that lives as long as the scope. */
export class TemporaryDirectory implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'warpline-'))

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [name, content] of Object.entries(files)) this.write(name, content)
  }

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name)
    writeFileSync(path, content)
    return path
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
