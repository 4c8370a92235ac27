import { readdirSync, readFileSync } from 'node:fs'
import {
  type CudaContext,
  type CudaEvent,
  type Kernel,
  KernelCache,
  kernel,
  openCuda,
  type Stream,
} from '../../cuda/index.ts'
import type { PostKernel } from './post-kernel.ts'

const POST = kernel('post', { tokens: 'pointer', out: 'pointer', n: 'u32', rounds: 'u32' })

/** Blocks and threads, whatever there is to do: those of the kernel's kin in other tools, so that times compare. */
const SHAPE = { grid: 16, block: 128 } as const

/** kernels/, which lies beside src/ and beside dist/. */
const KERNELS = new URL('../../../kernels/', import.meta.url)

/** Between two looks at an event: the event loop belongs to the answers. */
const POLL_MS = 1

/** A card's memory, events and stream for one answer at a time. */
interface Lane extends AsyncDisposable {
  run(tokens: Uint32Array): Promise<number>
  readonly out: Uint32Array
}

/**
 * The post kernel on a card, beside whatever else runs there: each answer that is under way has a stream of its own. Nothing
 * waits for the card: its events are looked at now and then.
 */
export class CudaPost implements PostKernel {
  readonly device: string
  readonly #context: CudaContext
  readonly #kernel: Kernel<(typeof POST)['parameters']>
  readonly #rounds: number
  readonly #idle: Lane[] = []
  readonly #all: Lane[] = []
  /** Of the last answer, for tests. */
  out: Uint32Array = new Uint32Array(0)

  /** @throws CudaUnavailableError, CompileError */
  constructor(ordinal: number, rounds: number) {
    const { devices } = openCuda()
    const device = devices[ordinal]
    if (device === undefined) throw new RangeError(`there are ${devices.length} GPUs, and none is number ${ordinal}`)
    this.device = `cuda:${ordinal} ${device.name}`
    this.#rounds = rounds
    this.#context = device.open()
    const source = readFileSync(new URL('kit/post.cu', KERNELS), 'utf8')
    const { architecture } = device
    const { image } = new KernelCache().compile({ source, name: 'kit/post.cu', architecture, headers: headers() })
    this.#kernel = this.#context.load(image).kernel(POST)
  }

  async run(tokens: Uint32Array): Promise<number> {
    if (tokens.length === 0) return 0
    const lane = this.#idle.pop() ?? this.#lane()
    try {
      return await lane.run(tokens)
    } finally {
      this.out = lane.out
      this.#idle.push(lane)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const lane of this.#all.splice(0)) await lane[Symbol.asyncDispose]()
    this.#context[Symbol.dispose]()
  }

  #lane(): Lane {
    const lane = new CardLane(this.#context, this.#kernel, this.#rounds)
    this.#all.push(lane)
    return lane
  }
}

class CardLane implements Lane {
  readonly #context: CudaContext
  readonly #kernel: Kernel<(typeof POST)['parameters']>
  readonly #rounds: number
  readonly #stream: Stream
  readonly #began: CudaEvent
  readonly #ended: CudaEvent
  readonly #copied: CudaEvent
  #memory: ReturnType<typeof memoryFor> | undefined
  out: Uint32Array = new Uint32Array(0)

  constructor(context: CudaContext, kernel: Kernel<(typeof POST)['parameters']>, rounds: number) {
    this.#context = context
    this.#kernel = kernel
    this.#rounds = rounds
    this.#stream = context.createStream()
    this.#began = context.createEvent()
    this.#ended = context.createEvent()
    this.#copied = context.createEvent()
  }

  async run(tokens: Uint32Array): Promise<number> {
    const n = tokens.length
    if (this.#memory === undefined || this.#memory.length < n) {
      this.#memory?.[Symbol.dispose]()
      this.#memory = memoryFor(this.#context, 2 ** Math.ceil(Math.log2(Math.max(n, 1024))))
    }
    const { host, input, output } = this.#memory
    const pinned = new Uint32Array(host.buffer)
    pinned.set(tokens)
    const stream = this.#stream
    stream.copyToDevice(input.pointer, host, 4 * n)
    stream.record(this.#began)
    stream.launch(this.#kernel, SHAPE, { tokens: input, out: output, n, rounds: this.#rounds })
    stream.record(this.#ended)
    stream.copyToHost(host, output.pointer, 4 * n)
    stream.record(this.#copied)
    while (!this.#copied.done) await new Promise(resolve => setTimeout(resolve, POLL_MS))
    this.out = pinned.slice(0, n)
    return this.#ended.elapsedMs(this.#began)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.synchronize()
    this.#memory?.[Symbol.dispose]()
    for (const each of [this.#began, this.#ended, this.#copied, this.#stream]) each[Symbol.dispose]()
  }
}

function memoryFor(context: CudaContext, length: number) {
  const host = context.allocatePinned(4 * length)
  const input = context.allocate(4 * length)
  const output = context.allocate(4 * length)
  return {
    length,
    host,
    input,
    output,
    [Symbol.dispose](): void {
      for (const each of [host, input, output]) each[Symbol.dispose]()
    },
  }
}

function headers(): Readonly<Record<string, string>> {
  const names = ['lib', 'kit'].flatMap(folder =>
    readdirSync(new URL(`${folder}/`, KERNELS))
      .filter(name => name.endsWith('.cuh'))
      .map(name => `${folder}/${name}`),
  )
  return Object.fromEntries(names.map(name => [name, readFileSync(new URL(name, KERNELS), 'utf8')]))
}
