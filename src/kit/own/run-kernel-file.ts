import { kernel, type LaunchShape, type ParameterKind } from '../../cuda/index.ts'
import { PlacedBuffers } from '../buffers.ts'
import type { KitMachine } from '../machine.ts'
import { FORMATS } from '../numbers.ts'
import { randomNumbers } from '../random.ts'
import { timeLaunches } from '../time-launches.ts'
import type { Argument, BufferArgument } from './argument.ts'
import { KernelFileError } from './errors.ts'
import { chooseKernel, type FoundKernel, STAND_INS, withPlainNames } from './kernel-file.ts'

export interface KernelFileRequest {
  /** As it is called in messages. */
  readonly file: string
  readonly source: string
  /** Needed where the file has several. */
  readonly kernel?: string | undefined
  readonly args: readonly Argument[]
  /** Default: as many blocks as give every value of the longest buffer a thread. */
  readonly grid?: LaunchShape['grid'] | undefined
  /** Default 256. */
  readonly block?: LaunchShape['block'] | undefined
  readonly seed?: number | undefined
}

export interface KernelFileResult {
  readonly kernel: string
  readonly grid: readonly number[]
  readonly block: readonly number[]
  readonly registers: number
  readonly spilledBytes: number
  readonly sharedBytes: number
  /** Median of one launch. */
  readonly ms: number
  /** Were every buffer passed through once. */
  readonly gigabytesPerSecond: number
  readonly buffers: readonly {
    readonly argument: string
    /** After one launch. */
    readonly first: readonly number[]
  }[]
}

const DEFAULT_BLOCK = 256
const SHOWN = 8

/** Compiles a kernel of anybody's, launches it once and says what it left, then measures it. */
export function runKernelFile(machine: KitMachine, request: KernelFileRequest): KernelFileResult {
  const { file, source, args, block = DEFAULT_BLOCK, seed = 1 } = request
  const found = chooseKernel(file, source, request.kernel)
  checkArguments(found, args)
  const buffers = args.filter((argument): argument is BufferArgument => argument.kind === 'buffer')
  const grid = request.grid ?? gridFor(buffers, block)
  using module = machine.load({ source: withPlainNames(source), name: file }, STAND_INS)
  const parameters = Object.fromEntries(args.map((argument, i): [string, ParameterKind] => [`p${i}`, kindOf(argument)]))
  const loaded = module.kernel(kernel(found.name, parameters))

  const wanted = args.map((argument, i) => [`p${i}`, argument] as const)
  const shapes = Object.fromEntries(
    wanted.flatMap(([name, argument]) =>
      argument.kind === 'buffer'
        ? [[name, { type: argument.type, length: argument.length, role: 'out' } as const]]
        : [],
    ),
  )
  using placed = new PlacedBuffers(machine.context, shapes, machine.stream)
  const random = randomNumbers(seed)
  for (const [name, argument] of wanted) {
    if (argument.kind === 'buffer') machine.stream.copyToDevice(placed.at[name]!, contents(argument, random))
  }
  const values = Object.fromEntries(
    wanted.map(([name, argument]) => [name, argument.kind === 'buffer' ? placed.at[name]! : argument.value]),
  )
  const launch = loaded.prepare({ grid, block }, values)
  machine.stream.enqueue(launch)
  machine.stream.synchronize()
  const after = wanted.flatMap(([name, argument]) =>
    argument.kind === 'buffer' ? [{ argument: argument.text, first: [...placed.read(name).subarray(0, SHOWN)] }] : [],
  )
  const ms = timeLaunches(machine.context, machine.stream, [stream => stream.enqueue(launch)])
  const bytes = buffers.reduce((sum, { type, length }) => sum + FORMATS[type].bytes * length, 0)
  const { registers, localBytes, sharedBytes } = loaded.attributes
  return {
    kernel: found.name,
    grid: extentOf(grid),
    block: extentOf(block),
    registers,
    spilledBytes: localBytes,
    sharedBytes,
    ms,
    gigabytesPerSecond: bytes / ms / 1e6,
    buffers: after,
  }
}

/** A wrong argument would fault on the card, or worse, not. */
function checkArguments({ name, parameters }: FoundKernel, args: readonly Argument[]): void {
  const declared = `${name}(${parameters.join(', ')})`
  if (parameters.length !== args.length) {
    throw new KernelFileError(`--args: ${declared} takes ${parameters.length} arguments, not ${args.length}`)
  }
  for (const [i, argument] of args.entries()) {
    const isPointer = /[*\]]/.test(parameters[i]!)
    if (isPointer === (argument.kind === 'buffer')) continue
    const wanted = isPointer ? 'memory, e.g. f32[1024]=random' : 'a number, e.g. u32=1024'
    throw new KernelFileError(`--args: "${parameters[i]}" of ${name} is ${wanted}, not ${argument.text}`)
  }
}

function kindOf(argument: Argument): ParameterKind {
  return argument.kind === 'buffer' ? 'pointer' : argument.type
}

function gridFor(buffers: readonly BufferArgument[], block: LaunchShape['block']): number {
  const longest = Math.max(1, ...buffers.map(({ length }) => length))
  const threads = extentOf(block).reduce((product, size) => product * size, 1)
  return Math.ceil(longest / threads)
}

function contents({ type, length, fill }: BufferArgument, random: () => number) {
  const { bytes, bits, encode } = FORMATS[type]
  const isWhole = /^[ui]\d/.test(type)
  const values = bits(new ArrayBuffer(bytes * length))
  for (let i = 0; i < length; i++) {
    const value = fill === 'iota' ? i : fill === 'random' ? (isWhole ? random() * 100 : random() * 2 - 1) : fill
    values[i] = encode(value)
  }
  return values
}

function extentOf(extent: LaunchShape['grid']): readonly number[] {
  return typeof extent === 'number' ? [extent] : extent.filter(size => size !== undefined)
}
