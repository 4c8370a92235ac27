import { styleFor } from './style.ts'
import type { World } from './world.ts'

/** Lines of columns as wide as their widest cell. `align`: a letter for each column, `l` or `r`. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: string,
  world: Pick<World, 'stdout' | 'env'>,
): readonly string[] {
  const style = styleFor(world.stdout, world.env)
  const widths = header.map((_, i) => Math.max(...[header, ...rows].map(cells => cells[i]!.length)))
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, i) => (align[i] === 'r' ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  ')}`.trimEnd()
  return [style('bold', line(header)), ...rows.map(line)]
}

/** Three digits where there are not more before the point. */
export function significant(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3)
}
