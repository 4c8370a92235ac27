import type { CudaContext } from './context.ts'
import { CAPTURE_MODE_RELAXED, CUDA_ERROR_NOT_READY, CUDA_SUCCESS, STREAM_NON_BLOCKING } from './driver/constants.ts'
import { check, checkRelease, driver } from './driver/driver.ts'
import type { GraphHandle, StreamHandle } from './driver/functions.ts'
import { addressOf, OUT, outNumber } from './driver/scratch.ts'
import type { CudaEvent } from './event.ts'
import { Graph } from './graph.ts'
import type { Kernel } from './kernel.ts'
import type { Launch, LaunchShape } from './launch.ts'
import type { DevicePointer, KernelArguments, Parameters } from './parameters.ts'
import { PinnedMemory } from './pinned-memory.ts'
import { Resource } from './resource.ts'

/** Memory of the host. */
type HostMemory = PinnedMemory | ArrayBufferView

/**
 * A card's work, done in order and beside this thread. Copies from and to pinned memory return at once: it must not
 * change, or be relied on, before an event behind them is done. Those of ordinary memory return when its part is done.
 */
export class Stream extends Resource {
  /** @internal */
  readonly handle: StreamHandle
  readonly #driver = driver()
  #capturing = false

  /** @internal Use `CudaContext.createStream`. */
  constructor(context: CudaContext) {
    super(context)
    check(this.#driver.cuStreamCreate(OUT, STREAM_NON_BLOCKING), 'cuStreamCreate')
    this.handle = outNumber() as StreamHandle
  }

  /** Whether all that was enqueued is done. */
  get done(): boolean {
    this.context.use()
    const code = this.#driver.cuStreamQuery(this.handle)
    if (code === CUDA_ERROR_NOT_READY) return false
    check(code, 'cuStreamQuery')
    return true
  }

  /** Launches once. What is launched often is prepared once and enqueued. */
  launch<P extends Parameters>(kernel: Kernel<P>, shape: LaunchShape, args: KernelArguments<P>): void {
    this.enqueue(kernel.prepare(shape, args))
  }

  enqueue(launch: Launch): void {
    const { buffer } = launch
    this.context.use()
    buffer.setStream(this.handle)
    const code = this.#driver.cuLaunchKernelEx(buffer.config, launch.func, buffer.parameters, 0)
    if (code !== CUDA_SUCCESS) check(code, `cuLaunchKernelEx(${launch.name})`)
  }

  /** `bytes` is all of `from` behind `fromOffset` (bytes) unless told. */
  copyToDevice(to: DevicePointer, from: HostMemory, bytes?: number, fromOffset = 0): void {
    const size = bytes ?? sizeOf(from) - fromOffset
    const address = this.#addressOf(from, fromOffset, size)
    this.context.use()
    check(this.#driver.cuMemcpyHtoDAsync_v2(to, address, size, this.handle), 'cuMemcpyHtoDAsync_v2')
  }

  /** `bytes` is all of `to` behind `toOffset` (bytes) unless told. */
  copyToHost(to: HostMemory, from: DevicePointer, bytes?: number, toOffset = 0): void {
    const size = bytes ?? sizeOf(to) - toOffset
    const address = this.#addressOf(to, toOffset, size)
    this.context.use()
    check(this.#driver.cuMemcpyDtoHAsync_v2(address, from, size, this.handle), 'cuMemcpyDtoHAsync_v2')
  }

  /** Copies on the card. */
  copy(to: DevicePointer, from: DevicePointer, bytes: number): void {
    this.context.use()
    check(this.#driver.cuMemcpyDtoDAsync_v2(to, from, bytes, this.handle), 'cuMemcpyDtoDAsync_v2')
  }

  fill(to: DevicePointer, byte: number, bytes: number): void {
    this.context.use()
    check(this.#driver.cuMemsetD8Async(to, byte, bytes, this.handle), 'cuMemsetD8Async')
  }

  record(event: CudaEvent): void {
    this.context.use()
    check(this.#driver.cuEventRecord(event.handle, this.handle), 'cuEventRecord')
  }

  /** What is enqueued from now on waits for the event. */
  wait(event: CudaEvent): void {
    this.context.use()
    check(this.#driver.cuStreamWaitEvent(this.handle, event.handle, 0), 'cuStreamWaitEvent')
  }

  /** Waits for all that was enqueued. @throws CudaError for what failed on the card. */
  synchronize(): void {
    this.context.use()
    check(this.#driver.cuStreamSynchronize(this.handle), 'cuStreamSynchronize')
  }

  /** Records what `body` enqueues instead of doing it. When `body` throws, nothing is left of it. */
  capture(body: () => void): Graph {
    this.context.use()
    check(this.#driver.cuStreamBeginCapture_v2(this.handle, CAPTURE_MODE_RELAXED), 'cuStreamBeginCapture_v2')
    this.#capturing = true
    try {
      body()
    } catch (error) {
      const broken = this.#endCapture()
      if (typeof broken !== 'number') broken[Symbol.dispose]()
      throw error
    }
    const graph = this.#endCapture()
    if (typeof graph === 'number') check(graph, 'cuStreamEndCapture')
    return graph as Graph
  }

  protected override release(): void {
    checkRelease(this.#driver.cuStreamDestroy_v2(this.handle), 'cuStreamDestroy_v2')
  }

  /** The graph, or what went wrong. */
  #endCapture(): Graph | number {
    this.#capturing = false
    this.context.use()
    const code = this.#driver.cuStreamEndCapture(this.handle, OUT)
    return code === CUDA_SUCCESS ? new Graph(this.context, outNumber() as GraphHandle) : code
  }

  #addressOf(memory: HostMemory, offset: number, bytes: number): number {
    if (!(bytes >= 0 && offset >= 0 && offset + bytes <= sizeOf(memory)))
      throw new RangeError(`${bytes} bytes at ${offset} are not within the host's ${sizeOf(memory)} bytes`)
    if (memory instanceof PinnedMemory) return memory.pointer + offset
    if (this.#capturing) throw new TypeError('a graph copies from and to pinned memory only: other memory may move')
    return addressOf(memory) + offset
  }
}

function sizeOf(memory: HostMemory): number {
  return memory instanceof PinnedMemory ? memory.bytes : memory.byteLength
}
