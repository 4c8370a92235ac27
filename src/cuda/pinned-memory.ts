/** Memory of the host that cards read and write themselves, while the processor does something else. */
export class PinnedMemory implements Disposable {
  constructor(
    /** Address in this process. */
    readonly pointer: number,
    readonly bytes: number,
    /** The memory; length 0 after disposal. */
    readonly buffer: ArrayBuffer,
  ) {}

  [Symbol.dispose](): void {}
}
