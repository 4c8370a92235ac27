import type { Stream } from '../../../../cuda/index.ts'
import type { CudaMemory } from './memory.ts'

/** Room that kernels keep for themselves, by name; whoever asks for more of one gets another, until all is sealed. */
export class Workspaces {
  readonly #rooms = new Map<string, { readonly at: number; readonly bytes: number }>()
  /** The most that was asked for by name, while nothing is taken yet. */
  #wanted: Map<string, number> | undefined

  constructor(
    private readonly memory: CudaMemory,
    private readonly stream: Stream,
  ) {}

  /** At least `bytes` bytes, zeros at first. */
  take(name: string, bytes: number): number {
    const room = this.#rooms.get(name)
    if (room !== undefined && room.bytes >= bytes) return room.at
    if (this.#wanted !== undefined) {
      this.#wanted.set(name, Math.max(bytes, this.#wanted.get(name) ?? 0))
      return 0
    }
    const at = this.memory.take(bytes, 'workspace')
    this.stream.fill(at, 0, bytes)
    this.#rooms.set(name, { at, bytes })
    return at
  }

  /** Takes the most of each room that `ask` asks for; what it is given meanwhile is no room yet. */
  reserve(ask: () => void): void {
    const wanted = new Map<string, number>()
    this.#wanted = wanted
    try {
      ask()
    } finally {
      this.#wanted = undefined
    }
    for (const [name, bytes] of wanted) this.take(name, bytes)
  }
}
