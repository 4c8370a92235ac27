import type { CudaContext, Stream } from '../../../../cuda/index.ts'
import type { SpeedCase } from '../../testing/speed/speed-case.ts'
import { SpeedInputs } from '../../testing/speed/speed-inputs.ts'
import type { Ceilings } from '../ceilings.ts'
import { type CudaDeviceOptions, openParts } from '../create-cuda-device.ts'
import { CudaDevice } from '../device.ts'
import type { DeviceOperation } from '../operations/operation.ts'

/** What a case took on the card. */
export interface CaseTime {
  readonly name: string
  /** Of one operation: all its launches, one behind the other as in a model. */
  readonly microseconds: number
  readonly gigabytesPerSecond: number
  readonly teraflops: number
  /** Of what the card does at best, in whichever of the two it comes nearer to. */
  readonly ofCeiling: number
  readonly bound: 'memory' | 'arithmetic'
  /** Kernels that the device chose. */
  readonly kernels: readonly string[]
  /** Why there are no figures. */
  readonly failed?: string
}

export interface TimingOptions {
  readonly device?: CudaDeviceOptions
  /** Weights or caches that take turns are at least so many bytes: several times what the card's cache holds. */
  readonly rotateBytes?: number
  /** For the ceilings; as in {@link CudaDevice.ceilings}. */
  readonly ceilingBytes?: number
  /** No case is begun after so many seconds. */
  readonly seconds?: number
}

const ROTATE_BYTES = 2 ** 28
const MOST_COPIES = 16
const REPEATS = 5

/**
 * Times operations as a model would run them: by the kernels that the device chooses, many in one graph, each with
 * weights or caches that were not read for a while. Inputs that a model has just written are the same each time.
 */
export async function timeCases(
  cases: readonly SpeedCase[],
  options: TimingOptions,
  tell: (time: CaseTime) => void,
): Promise<{ readonly ceilings: Ceilings; readonly compileSeconds: number }> {
  const { rotateBytes = ROTATE_BYTES, seconds = Number.POSITIVE_INFINITY } = options
  const deadline = performance.now() + seconds * 1000
  const parts = openParts({ gpuMemory: '85%', ...options.device })
  const { context } = parts
  const silenced = new SilencedStream(parts.stream)
  await using device = new CudaDevice({ ...parts, stream: silenced.stream })
  const ceilings = device.ceilings(options.ceilingBytes)
  const inputs = new SpeedInputs(device)
  const begun = performance.now()
  const first = cases.map(each => each.prepare(inputs, 1))
  context.synchronize()
  silenced.silent = true
  await parts.toolbox.library.compileAhead(() => {
    // Another function than the one that is timed: what is kept of this one does nothing.
    for (const { step, rows, programs } of first) device.run(step, rows, () => programs[0]!())
  })
  silenced.silent = false
  context.synchronize()
  const compileSeconds = (performance.now() - begun) / 1000

  for (const each of cases) {
    if (performance.now() > deadline) break
    const { rotatedBytes } = each
    const copies =
      rotatedBytes === 0 ? MOST_COPIES : Math.max(2, Math.min(MOST_COPIES, Math.ceil(rotateBytes / rotatedBytes)))
    try {
      const { step, rows, programs } = each.prepare(inputs, copies)
      const operations: DeviceOperation[] = []
      for (const program of programs) {
        await device.run(step, rows, program).take()
        operations.push(...device.trace.operations)
      }
      tell(figuresOf(each, operations, copies, timeGraph(context, parts.stream, operations) / copies, ceilings))
    } catch (error) {
      tell({ ...NO_FIGURES, name: each.name, failed: String(error) })
    }
  }
  return { ceilings, compileSeconds }
}

function figuresOf(
  { name, least }: SpeedCase,
  operations: readonly DeviceOperation[],
  copies: number,
  microseconds: number,
  ceilings: Ceilings,
): CaseTime {
  const all = (of: 'bytes' | 'flops') => operations.reduce((sum, operation) => sum + operation[of], 0) / copies
  const { bytes, flops } = least ?? { bytes: all('bytes'), flops: all('flops') }
  const [gigabytesPerSecond, teraflops] = [bytes / microseconds / 1e3, flops / microseconds / 1e6]
  const ofMemory = (gigabytesPerSecond * 1e9) / ceilings.readBytesPerSecond
  const ofArithmetic = (teraflops * 1e12) / ceilings.bf16OperationsPerSecond
  const kernels = [...new Set(operations.map(operation => operation.name))]
  const bound = ofMemory > ofArithmetic ? 'memory' : 'arithmetic'
  return {
    ...{ name, microseconds, gigabytesPerSecond, teraflops, bound, kernels },
    ofCeiling: Math.max(ofMemory, ofArithmetic),
  }
}

const NO_FIGURES: Omit<CaseTime, 'name'> = {
  microseconds: Number.NaN,
  gigabytesPerSecond: Number.NaN,
  teraflops: Number.NaN,
  ofCeiling: Number.NaN,
  bound: 'memory',
  kernels: [],
}

/** Microseconds of one replay, by the card's own clock: the median of some. */
function timeGraph(context: CudaContext, stream: Stream, operations: readonly DeviceOperation[]): number {
  using graph = stream.capture(() => {
    for (const operation of operations) operation.enqueue(stream)
  })
  using executable = graph.instantiate()
  using before = context.createEvent()
  using after = context.createEvent()
  const times: number[] = []
  for (let i = 0; i <= REPEATS; i++) {
    stream.record(before)
    executable.launch(stream)
    stream.record(after)
    stream.synchronize()
    // The first one uploads the graph.
    if (i > 0) times.push(after.elapsedMs(before) * 1000)
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!
}

/** A stream whose launches can be left out, while it is only asked which ones there are. */
class SilencedStream {
  silent = false
  readonly stream: Stream

  constructor(stream: Stream) {
    this.stream = new Proxy(stream, {
      get: (target, key) => {
        if (key === 'enqueue' && this.silent) return () => {}
        const value: unknown = Reflect.get(target, key, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
}
