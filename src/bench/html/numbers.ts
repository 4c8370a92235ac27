import type { Estimate } from '../measures/measures.ts'

/** In place of what is not known. */
export const NOTHING = '–'

/** Three digits that say something, and all before the point. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING
  const size = Math.abs(value)
  const decimals = size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}

export function whole(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : NOTHING
}

export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return NOTHING
  return `${(share * 100).toFixed(1)} %`
}

/** The ends of an estimate's interval; undefined where there is none. */
export function interval({ low, high }: Estimate): string | undefined {
  return low === null || high === null ? undefined : `${number(low)} – ${number(high)}`
}
