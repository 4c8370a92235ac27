import type { Device } from '../../native/index.ts'

export interface TimedOperation {
  readonly name: string
  readonly detail: string
  readonly ms: number
}

const OPERATIONS = [
  'embed',
  'norm',
  'addNorm',
  'add',
  'linear',
  'ropeAndCache',
  'attention',
  'gatedActivation',
  'gather',
] as const

/**
 * Times the operations of a device that computes on the caller's thread, in its place: each call is over when it
 * returns. Gives what was called since it was asked last.
 */
export function timeOperations(device: Device): () => readonly TimedOperation[] {
  const timed: TimedOperation[] = []
  for (const name of OPERATIONS) {
    const original = (device[name] as (...args: unknown[]) => void).bind(device)
    const timedCall = (...args: unknown[]): void => {
      const from = performance.now()
      original(...args)
      timed.push({ name, detail: detailOf(name, args), ms: performance.now() - from })
    }
    Object.defineProperty(device, name, { value: timedCall, configurable: true })
  }
  return () => timed.splice(0)
}

/** What it works on, e.g. `[8, 256] · [1408, 256]ᵀ`; of a cache and of heads, nothing. */
function detailOf(name: string, args: readonly unknown[]): string {
  const shapes = args.flatMap(arg => {
    const shape = (arg as { readonly shape?: readonly number[] } | undefined)?.shape
    return shape === undefined ? [] : [shape]
  })
  const rows = args.find(arg => Number.isInteger(arg))
  const [out = [], x = []] = shapes
  if (name === 'linear') return `[${rows}, ${x.at(-1)}] · [${out.at(-1)}, ${x.at(-1)}]ᵀ`
  return name === 'embed' || rows === undefined ? `[…, ${out.at(-1)}]` : `[${rows}, ${out.at(-1)}]`
}
