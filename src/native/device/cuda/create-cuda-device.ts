import { CudaUnavailableError, KernelCache, MatmulLibrary, openCuda } from '../../../cuda/index.ts'
import { ModelLoadError } from '../../../engine/index.ts'
import type { ActivationType } from '../device.ts'
import { CudaDevice, type CudaParts } from './device.ts'
import { KernelLibrary } from './kernels/kernel-library.ts'
import { CudaMemory } from './memory/memory.ts'
import { memoryLimit } from './memory/memory-limit.ts'
import { matmulRoom, partsRoom, restoredRoom } from './memory/room-bytes.ts'
import { Uploads } from './memory/uploads.ts'
import { Workspaces } from './memory/workspaces.ts'
import { StepRooms } from './step/step-rooms.ts'
import { TECHNIQUES, type Technique } from './techniques.ts'

export interface CudaDeviceOptions {
  /** Which of the machine's cards; default 0. */
  readonly ordinal?: number | undefined
  /** Default bf16. */
  readonly activationType?: ActivationType | undefined
  /** A row's bits do not depend on what else is in the step; costs speed. Default false. */
  readonly batchInvariant?: boolean | undefined
  /** Techniques to do without. Default: none. */
  readonly without?: ReadonlySet<Technique> | undefined
  /** What may be taken of the card: `90%` of it, the default, or a size like `1GiB`. */
  readonly gpuMemory?: string | undefined
  /** Where compiled kernels are kept; default: the user's cache. */
  readonly cacheDirectory?: string | undefined
}

/**
 * Opens a card for an engine.
 *
 * @throws ModelLoadError: one line, where there is no CUDA, no such card, or nothing left of it.
 */
export async function createCudaDevice(options: CudaDeviceOptions = {}): Promise<CudaDevice> {
  return new CudaDevice(openParts(options))
}

/** What a device is made of, for those who measure its kernels one by one. */
export function openParts(options: CudaDeviceOptions = {}): CudaParts {
  const { ordinal = 0, activationType = 'bf16', batchInvariant = false, without, gpuMemory = '90%' } = options
  const card = openCard(ordinal)
  const context = card.open()
  const stream = context.createStream()
  const memory = new CudaMemory(context, memoryLimit(gpuMemory, context.memory()))
  const workspaces = new Workspaces(memory, stream)
  const techniques = new Set((Object.keys(TECHNIQUES) as Technique[]).filter(each => !without?.has(each)))
  const library = new KernelLibrary(context, new KernelCache(options.cacheDirectory))
  const toolbox = {
    library,
    matmul: new MatmulLibrary(context, matmulRoom(memory.limit)),
    activationType,
    batchInvariant,
    techniques,
    multiprocessors: card.multiprocessors,
    sharedBytes: card.sharedBytesPerBlock,
    restoredBytes: restoredRoom(memory.limit),
    partsBytes: partsRoom(memory.limit),
    workspace: (name: string, bytes: number) => workspaces.take(name, bytes),
  }
  return {
    name: `cuda/${card.name}`,
    depth: techniques.has('pipelining') ? 2 : 1,
    context,
    stream,
    memory,
    rooms: new StepRooms(context, stream, memory),
    workspaces,
    uploads: new Uploads(context, stream, toolbox),
    toolbox,
  }
}

function openCard(ordinal: number) {
  try {
    const { devices } = openCuda()
    const card = devices[ordinal]
    if (card !== undefined) return card
    throw new ModelLoadError(`there is no GPU ${ordinal}: this machine has ${devices.length}`)
  } catch (error) {
    if (error instanceof CudaUnavailableError) throw new ModelLoadError(error.message, { cause: error })
    throw error
  }
}
