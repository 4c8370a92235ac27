import type { Status } from '../communicator.ts'
import { MpiError } from '../errors.ts'
import type { Abi, Handle, Handles } from '../library/abi.ts'
import type { MpiFunctions } from '../library/functions.ts'
import type { MpiLibrary } from '../library/load-library.ts'
import { addressOf } from '../library/memory.ts'
import { check } from './error-of.ts'
import type { PollOptions } from './poll-options.ts'
import { Progress } from './progress.ts'

/** A message that has come and that MPI keeps for us, to be received by its handle. */
export interface Arrived extends Status {
  readonly handle: Handle
}

/** The most that MPI_MAX_PROCESSOR_NAME is anywhere. */
const NAME_BYTES = 256

/** MPI as this process runs it: the calls that are over when they return, and {@link Progress} for all others. */
export class Runtime {
  readonly functions: MpiFunctions
  readonly handles: Handles
  readonly version: string
  readonly progress: Progress
  #isOver = false
  #cudaSupport: 'yes' | 'no' | 'unknown' | undefined
  readonly #library: MpiLibrary
  readonly #abi: Abi
  /** What calls give by address: two words for what comes first, two for a handle, then an MPI_Status. */
  readonly #out = new Int32Array(new ArrayBuffer(128))
  readonly #first = addressOf(this.#out.buffer)
  readonly #handleAt = this.#first + 8
  readonly #statusAt = this.#first + 16

  constructor(library: MpiLibrary, poll: Required<PollOptions>) {
    this.functions = library.functions
    this.handles = library.handles
    this.version = library.version
    this.#library = library
    this.#abi = library.abi
    this.progress = new Progress(library, poll)
  }

  get isInitialized(): boolean {
    this.#check(this.functions.MPI_Initialized(this.#first), 'MPI_Initialized')
    return this.#out[0] !== 0
  }

  /** Blocks until all have come. */
  init(): void {
    const { threadFunneled } = this.#abi
    this.#check(this.functions.MPI_Init_thread(null, null, threadFunneled, this.#first), 'MPI_Init_thread')
    for (const comm of [this.handles.commWorld, this.handles.commSelf]) this.#returnErrors(comm)
  }

  /** Whether MPI has been left: no call may follow. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Ends MPI, which blocks until all have come; `alone`: only we do not call it any more. */
  leave(alone: boolean): void {
    this.#isOver = true
    this.progress.stop(new MpiError('cancelled', 'MPI was closed before the transfer was over'))
    if (!alone) this.#check(this.functions.MPI_Finalize(), 'MPI_Finalize')
  }

  get host(): string {
    const name = Buffer.alloc(NAME_BYTES)
    this.#check(this.functions.MPI_Get_processor_name(name, this.#out), 'MPI_Get_processor_name')
    return name.toString('utf8', 0, this.#out[0])
  }

  get cudaSupport(): 'yes' | 'no' | 'unknown' {
    this.#cudaSupport ??= this.#library.cudaSupport()
    return this.#cudaSupport
  }

  rankIn(comm: Handle): number {
    this.#check(this.functions.MPI_Comm_rank(comm, this.#first), 'MPI_Comm_rank')
    return this.#out[0]!
  }

  sizeOf(comm: Handle): number {
    this.#check(this.functions.MPI_Comm_size(comm, this.#first), 'MPI_Comm_size')
    return this.#out[0]!
  }

  /** Blocks until all have come. */
  dup(comm: Handle): Handle {
    this.#check(this.functions.MPI_Comm_dup(comm, this.#handleAt), 'MPI_Comm_dup')
    return this.#returnErrors(this.#handle())
  }

  /** Blocks until all have come. */
  split(comm: Handle, color: number | undefined, key: number): Handle | undefined {
    const code = this.functions.MPI_Comm_split(comm, color ?? this.#abi.undefined, key, this.#handleAt)
    this.#check(code, 'MPI_Comm_split')
    const made = this.#handle()
    return made === this.handles.commNull ? undefined : this.#returnErrors(made)
  }

  free(comm: Handle): void {
    this.#writeHandle(comm)
    this.#check(this.functions.MPI_Comm_free(this.#handleAt), 'MPI_Comm_free')
  }

  /** The next message that has come, from whom and marked how it may be; it is then ours alone to receive. */
  improbe(comm: Handle): Arrived | undefined {
    const { anySource, anyTag, status } = this.#abi
    const { MPI_Improbe, MPI_Get_count } = this.functions
    const code = MPI_Improbe(anySource, anyTag, comm, this.#first, this.#handleAt, this.#statusAt)
    if (code !== 0) this.#check(code, 'MPI_Improbe')
    if (this.#out[0] === 0) return undefined
    MPI_Get_count(this.#statusAt, this.handles.byte, this.#first)
    return {
      source: this.#out[4 + status.source]!,
      tag: this.#out[4 + status.tag]!,
      bytes: this.#out[0]!,
      handle: this.#handle(),
    }
  }

  /** Begins to receive a message that has come. @returns MPI's code */
  imrecv(into: NodeJS.ArrayBufferView, handle: Handle, request: number): number {
    this.#writeHandle(handle)
    return this.functions.MPI_Imrecv(into, into.byteLength, this.handles.byte, this.#handleAt, request)
  }

  /** As MPI aborts where nobody has said otherwise. */
  #returnErrors(comm: Handle): Handle {
    this.#check(this.functions.MPI_Comm_set_errhandler(comm, this.handles.errorsReturn), 'MPI_Comm_set_errhandler')
    return comm
  }

  #handle(): Handle {
    const low = this.#out[2]!
    return this.#abi.handle === 'int32_t' ? low : (low >>> 0) + this.#out[3]! * 2 ** 32
  }

  #writeHandle(handle: Handle): void {
    this.#out[2] = handle
    this.#out[3] = handle / 2 ** 32
  }

  #check(code: number, call: string): void {
    check(this.#library, code, call)
  }
}
