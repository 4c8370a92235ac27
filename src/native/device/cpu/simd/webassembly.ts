/** The part of WebAssembly that is used here: Node's types leave it to the browser's. */
interface Api {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (module: WasmModule, imports: { env: { memory: SharedMemory } }) => { exports: unknown }
}

export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
  /** By pages of {@link PAGE} bytes. Buffers taken before stay valid, and stay as long as they were. */
  grow(pages: number): number
}

/** Compiled code; it may be posted to other threads. */
export type WasmModule = object

export const PAGE = 65536

export const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: Api }).WebAssembly
