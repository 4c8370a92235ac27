import type { DeviceMemory } from './device-memory.ts'

/** An address on a card. All are below 2^48, so plain numbers hold them and offsets are additions. */
export type DevicePointer = number

/** What a kernel's parameter is in C: an address, int, unsigned, float, unsigned long long, double. */
export type ParameterKind = 'pointer' | 'i32' | 'u32' | 'f32' | 'u64' | 'f64'

/** A kernel's parameters by name, in the order of its C declaration. */
export type Parameters = Readonly<Record<string, ParameterKind>>

interface ArgumentOf {
  readonly pointer: DevicePointer | DeviceMemory
  readonly i32: number
  readonly u32: number
  readonly f32: number
  readonly u64: bigint | number
  readonly f64: number
}

/** What a kernel with parameters `P` is launched with. */
export type KernelArguments<P extends Parameters> = { readonly [Name in keyof P]: ArgumentOf[P[Name]] }

/** What is known of a kernel before it is compiled: its name and parameters, so that launches are type-checked. */
export interface KernelDeclaration<P extends Parameters> {
  readonly name: string
  readonly parameters: P
  /** The same in order, for those who pack arguments often. */
  readonly entries: readonly { readonly key: string; readonly kind: ParameterKind }[]
}

/**
 * Declares a kernel.
 *
 * @example kernel('saxpy', { out: 'pointer', x: 'pointer', a: 'f32', n: 'u32' })
 */
export function kernel<const P extends Parameters>(name: string, parameters: P): KernelDeclaration<P> {
  return { name, parameters, entries: Object.entries(parameters).map(([key, kind]) => ({ key, kind })) }
}
