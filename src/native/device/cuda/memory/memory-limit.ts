import { ModelLoadError } from '../../../../engine/index.ts'

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
}

/**
 * Bytes that the engine may take of a card: `90%` of all of it, less what is in use already, or a size like `1GiB`. The
 * driver's own share of a process, some 500 MB, comes on top.
 *
 * @throws ModelLoadError for a text that means neither, and where nothing is left.
 */
export function memoryLimit(text: string, { free, total }: { readonly free: number; readonly total: number }): number {
  const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*(%|[kmg]i?b|b)\s*$/i.exec(text) ?? []
  if (amount === undefined || unit === undefined) {
    throw new ModelLoadError(`"${text}" is no share of a GPU's memory: write it like 90% or 1GiB`)
  }
  if (unit !== '%') return Math.floor(Number(amount) * UNITS[unit.toLowerCase()]!)
  const limit = Math.floor((Number(amount) / 100) * total) - (total - free)
  if (limit > 0) return limit
  throw new ModelLoadError(
    `${text} of the GPU's memory are in use already: end what else runs there, or raise --gpu-memory`,
  )
}
