import { columnsFor, type MatrixSummary, shown } from '../../bench/index.ts'
import { table } from '../table.ts'
import type { Place } from '../world.ts'

/** A line for each cell, with the columns that tell something. */
export function matrixTable({ cells, missing, machine }: MatrixSummary, place: Place): string {
  const columns = columnsFor(cells)
  const rows = cells.map(cell => columns.map(column => shown(column, cell)))
  const align = columns.map(({ key }) => (key === 'model' || key === 'remark' ? 'l' : 'r')).join('')
  const lines = [
    `measured on: ${machine.gpu ?? `${machine.cpu}, ${machine.cores} cores`}; Node.js ${machine.node}`,
    '',
    ...(rows.length === 0
      ? ['no cell was measured']
      : table(
          columns.map(({ title }) => title),
          rows,
          align,
          place,
        )),
    ...(missing > 0 ? ['', `${missing} cells are missing: the same command goes on with them`] : []),
  ]
  return `${lines.join('\n')}\n`
}
