import type { Stream } from '../../../cuda/index.ts'
import type { CudaMemory } from './memory.ts'

/** Room that kernels keep for themselves, by name; whoever asks for more of one gets another, until all is sealed. */
export class Workspaces {
  readonly #rooms = new Map<string, { readonly at: number; readonly bytes: number }>()

  constructor(
    private readonly memory: CudaMemory,
    private readonly stream: Stream,
  ) {}

  /** At least `bytes` bytes, zeros at first. */
  take(name: string, bytes: number): number {
    const room = this.#rooms.get(name)
    if (room !== undefined && room.bytes >= bytes) return room.at
    const at = this.memory.take(bytes, 'workspace')
    this.stream.fill(at, 0, bytes)
    this.#rooms.set(name, { at, bytes })
    return at
  }
}
