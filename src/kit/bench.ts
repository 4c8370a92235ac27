import { bytesOf, PlacedBuffers } from './buffers.ts'
import type { KitEntry, Limit, Size } from './entry.ts'
import type { KitMachine } from './machine.ts'
import { randomNumbers } from './random.ts'
import { timeLaunches } from './time-launches.ts'

export interface BenchResult {
  readonly name: string
  readonly size: Size
  /** Median of one run. */
  readonly ms: number
  readonly gigabytesPerSecond: number
  readonly teraflops: number
  readonly limit: Limit
  /** Of what was measured as the most that the card gives, in the same run; undefined where that says nothing. */
  readonly fraction: number | undefined
}

/** The most that the card gave in this run. */
export interface Ceilings {
  /** Of reading or copying, whichever was more. */
  readonly gigabytesPerSecond: number
  /** Of a bf16 product by cuBLASLt. */
  readonly teraflops: number
}

/** Entries that the ceilings are measured by. */
const CEILING_NAMES: readonly string[] = ['read', 'copy', 'matmul-cublaslt']

/** Of the level-2 cache's size, over which buffers take turns, so that nothing is found there. */
const ROTATION = 4
const MOST_SETS = 32

/** Of what is free, at most so much for an entry's buffers. */
const MEMORY_SHARE = 0.8

type Measured = Omit<BenchResult, 'fraction'>

/**
 * Measures `names` (all where there are none) of `kit`, and the ceilings to hold them against.
 *
 * @param sizeOf - default: each entry's own
 */
export function bench(
  kit: readonly KitEntry[],
  names: readonly string[],
  machine: KitMachine,
  { sizeOf = entry => entry.bench, samples = 20 }: { sizeOf?: (entry: KitEntry) => Size; samples?: number } = {},
): { readonly ceilings: Ceilings; readonly results: readonly BenchResult[] } {
  const isWanted = ({ name }: KitEntry): boolean => names.length === 0 || names.includes(name)
  const needed = kit.filter(entry => isWanted(entry) || CEILING_NAMES.includes(entry.name))
  const measured = new Map(
    needed.map(entry => [entry, measure(entry, fitting(entry, sizeOf(entry), machine), machine, samples)]),
  )
  const all = [...measured.values()].filter(({ name }) => CEILING_NAMES.includes(name))
  const ceilings = {
    gigabytesPerSecond: Math.max(...all.filter(({ limit }) => limit === 'memory').map(each => each.gigabytesPerSecond)),
    teraflops: Math.max(...all.map(each => each.teraflops)),
  }
  const results = kit.filter(isWanted).map(entry => {
    const result = measured.get(entry)!
    return { ...result, fraction: fractionOf(result, ceilings) }
  })
  return { ceilings, results }
}

function measure(entry: KitEntry, size: Size, machine: KitMachine, samples: number): Measured {
  const { context, stream } = machine
  const buffers = entry.buffers(size)
  const bytes = bytesOfAll(entry, size)
  const affordable = Math.floor((context.memory().free * MEMORY_SHARE) / bytes)
  const sets = Math.max(1, Math.min(Math.ceil((ROTATION * machine.device.l2Bytes) / bytes), MOST_SETS, affordable))
  const placed: PlacedBuffers[] = []
  let ms: number
  try {
    for (let i = 0; i < sets; i++) {
      const set = new PlacedBuffers(context, buffers, stream)
      placed.push(set)
      set.fillWithPattern(randomNumbers(i))
    }
    const launches = placed.map(({ at }) => entry.prepare(size, at, machine.toolsFor(entry)))
    ms = timeLaunches(context, stream, launches, samples)
  } finally {
    for (const set of placed) set[Symbol.dispose]()
  }
  return {
    name: entry.name,
    size,
    ms,
    gigabytesPerSecond: entry.bytes(size) / ms / 1e6,
    teraflops: entry.flops(size) / ms / 1e9,
    limit: entry.limit,
  }
}

/** On small cards the longest extent is halved until there is room. */
export function fitting(entry: KitEntry, size: Size, { context }: Pick<KitMachine, 'context'>): Size {
  const free = context.memory().free * MEMORY_SHARE
  let smaller = size
  while (bytesOfAll(entry, smaller) > free) {
    const [name, most] = Object.entries(smaller).reduce((a, b) => (b[1] > a[1] ? b : a))
    if (most < 2) break
    smaller = { ...smaller, [name]: Math.floor(most / 2) }
  }
  return smaller
}

function bytesOfAll(entry: KitEntry, size: Size): number {
  return Object.values(entry.buffers(size)).reduce((sum, buffer) => sum + bytesOf(buffer), 0)
}

function fractionOf({ limit, gigabytesPerSecond, teraflops }: Measured, ceilings: Ceilings): number | undefined {
  if (limit === 'memory') return gigabytesPerSecond / ceilings.gigabytesPerSecond
  return limit === 'tensor cores' ? teraflops / ceilings.teraflops : undefined
}
