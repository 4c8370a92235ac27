/** To three significant digits, and not in powers of ten. */
export function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6, useGrouping: false })
}

export function milliseconds(value: number): string {
  return `${figure(value)} ms`
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
