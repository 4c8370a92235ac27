import { createReferenceDevice } from '../../../src/native/device/cpu/index.ts'
import { createCudaDevice } from '../../../src/native/device/cuda/index.ts'
import type { ActivationType, Device } from '../../../src/native/device/device.ts'
import { casesFor, type DeviceCase } from '../../../src/native/device/testing/cases.ts'
import { errorOf, toleranceOf } from '../../../src/native/device/testing/conformance.ts'

export type SeededCase = DeviceCase & { readonly seed: number }

export interface Settings {
  readonly activationType: ActivationType
  readonly batchInvariant: boolean
}

export interface CaseResult extends Settings {
  readonly name: string
  /** Infinite errors are null in JSON. */
  readonly error: number | null
  readonly tolerance: number
  /** Why, where it did. */
  readonly failed?: string
}

/** Those whose name matches and whose tensors hold at most `most` elements together. */
export async function chosenCases(filter: RegExp, most: number): Promise<readonly SeededCase[]> {
  const named = casesFor(createReferenceDevice()).filter(({ name }) => filter.test(name))
  if (most === Number.POSITIVE_INFINITY) return named
  const sizes = await Promise.all(named.map(elementsOf))
  return named.filter((_, i) => sizes[i]! <= most)
}

export async function runCases(
  cases: readonly SeededCase[],
  settings: readonly Settings[],
  tell: (result: CaseResult) => void,
): Promise<void> {
  for (const each of settings) {
    await using device = await createCudaDevice({ ...each, gpuMemory: '2GiB' })
    const types = casesFor(device)
    for (const deviceCase of cases) {
      if (!types.some(({ seed }) => seed === deviceCase.seed)) continue
      tell({ ...each, ...(await runCase(device, deviceCase)) })
    }
  }
}

async function runCase(device: Device, deviceCase: SeededCase): Promise<Omit<CaseResult, keyof Settings>> {
  const { name, seed } = deviceCase
  const tolerance = toleranceOf(device, deviceCase)
  try {
    const error = await errorOf(device, deviceCase, seed)
    return { name, error, tolerance, ...(!(error <= tolerance) && { failed: `an error of ${error}` }) }
  } catch (thrown) {
    return { name, error: null, tolerance, failed: String(thrown) }
  }
}

/** Of all tensors and weights that a case takes. */
async function elementsOf({ run, seed }: SeededCase): Promise<number> {
  const device = createReferenceDevice()
  let elements = 0
  const counting = new Proxy(device, {
    get(target, key) {
      const value = Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (key === 'allocate') elements += (args[0] as number[]).reduce((product, size) => product * size, 1)
        if (key === 'allocateWeight') elements += (args[0] as number) * (args[1] as number)
        return Reflect.apply(value, target, args)
      }
    },
  })
  await run(counting, seed)
  return elements
}
