export type Cell = string | number | boolean | null | undefined

/** RFC 4180 with line feeds: a header of the columns' names, then a line for each row; what is not known is empty. */
export function csvText<Row>(columns: Readonly<Record<string, (row: Row) => Cell>>, rows: readonly Row[]): string {
  const lines = rows.map(row => Object.values(columns).map(cell => quoted(cell(row))))
  return `${[Object.keys(columns).map(quoted), ...lines].map(cells => cells.join(',')).join('\n')}\n`
}

function quoted(cell: Cell): string {
  const text = typeof cell === 'number' && !Number.isFinite(cell) ? '' : String(cell ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
