import { type LaunchBuffer, writeNumber64 } from './driver/launch-buffer.ts'
import type { KernelArguments, KernelDeclaration, ParameterKind, Parameters } from './parameters.ts'

/** Writes a kernel's arguments as the driver reads them. @throws RangeError for what a parameter cannot hold. */
export function packArguments<P extends Parameters>(
  buffer: LaunchBuffer,
  { name, entries }: KernelDeclaration<P>,
  args: KernelArguments<P>,
): void {
  for (let i = 0; i < entries.length; i++) {
    const { key, kind } = entries[i]!
    const value: unknown = args[key as keyof P]
    if (!write(buffer.view, buffer.argumentAt(i), kind, value))
      throw new RangeError(`${name}: ${key} = ${String(value)} is no ${kind}`)
  }
}

/** Whether `value` is of the kind. */
function write(view: DataView, at: number, kind: ParameterKind, value: unknown): boolean {
  switch (kind) {
    case 'pointer': {
      const pointer = typeof value === 'object' && value !== null && 'pointer' in value ? value.pointer : value
      return writeUnsigned64(view, at, pointer)
    }
    case 'u64':
      if (typeof value !== 'bigint') return writeUnsigned64(view, at, value)
      if (value < 0n || value >= 2n ** 64n) return false
      view.setBigUint64(at, value, true)
      return true
    case 'i32':
      if (!isWhole(value, -(2 ** 31), 2 ** 31)) return false
      view.setInt32(at, value, true)
      return true
    case 'u32':
      if (!isWhole(value, 0, 2 ** 32)) return false
      view.setUint32(at, value, true)
      return true
    case 'f32':
      if (typeof value !== 'number') return false
      view.setFloat32(at, value, true)
      return true
    case 'f64':
      if (typeof value !== 'number') return false
      view.setFloat64(at, value, true)
      return true
  }
}

function writeUnsigned64(view: DataView, at: number, value: unknown): boolean {
  if (!isWhole(value, 0, 2 ** 53)) return false
  writeNumber64(view, at, value)
  return true
}

function isWhole(value: unknown, least: number, limit: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) < limit
}
