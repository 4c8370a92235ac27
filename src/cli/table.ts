import { styleFor } from './style.ts'
import type { Place } from './world.ts'

/**
 * Lines of columns as wide as their widest cell; what no row has a cell for is left out. `align`: a letter for each
 * column, `l` or `r`.
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: string,
  world: Place,
): readonly string[] {
  const style = styleFor(world.stdout, world.env)
  const columns = header
    .map((_, i) => ({
      i,
      right: align[i] === 'r',
      width: Math.max(...[header, ...rows].map(cells => cells[i]!.length)),
    }))
    .filter(({ i }) => rows.length === 0 || rows.some(cells => cells[i] !== ''))
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(({ i, right, width }) => (right ? cells[i]!.padStart(width) : cells[i]!.padEnd(width)))
    return `  ${padded.join('  ')}`.trimEnd()
  }
  return [style('bold', line(header)), ...rows.map(line)]
}

/** Three digits where there are not more before the point. */
export function significant(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3)
}
