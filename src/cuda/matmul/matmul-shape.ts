export type MatmulType = 'f32' | 'bf16' | 'f16'

/** A matrix, row-major: `rows` of `columns` values as it lies in memory, before it is transposed. */
export interface MatmulOperand {
  readonly type: MatmulType
  readonly rows: number
  readonly columns: number
  /** Whether the product takes it transposed. Not for `d`. */
  readonly transposed?: boolean
  /** Elements from one row to the next; `columns` unless told. */
  readonly stride?: number
}

/** `d[m, n] = a[m, k] · b[k, n] (+ bias[n])`, where a and b are meant after they were transposed. */
export interface MatmulShape {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly a: MatmulOperand
  readonly b: MatmulOperand
  readonly d: MatmulOperand
  /** One value for each column of d, added to it. */
  readonly bias?: { readonly type: MatmulType } | undefined
  /** Adds to what d holds instead of overwriting it. */
  readonly accumulate?: boolean
}

/** @throws RangeError where the operands do not fit each other. */
export function checkShape({ m, n, k, a, b, d }: MatmulShape): void {
  checkOperand('a', a, m, k)
  checkOperand('b', b, k, n)
  checkOperand('d', d, m, n)
  if (d.transposed) throw new RangeError('matmul: d cannot be transposed')
}

/** Whether one plan serves both. */
export function sameShape(x: MatmulShape, y: MatmulShape): boolean {
  return (
    x.m === y.m &&
    x.n === y.n &&
    x.k === y.k &&
    sameOperand(x.a, y.a) &&
    sameOperand(x.b, y.b) &&
    sameOperand(x.d, y.d) &&
    x.bias?.type === y.bias?.type &&
    (x.accumulate ?? false) === (y.accumulate ?? false)
  )
}

function sameOperand(x: MatmulOperand, y: MatmulOperand): boolean {
  return (
    x.type === y.type &&
    x.rows === y.rows &&
    x.columns === y.columns &&
    (x.transposed ?? false) === (y.transposed ?? false) &&
    (x.stride ?? x.columns) === (y.stride ?? y.columns)
  )
}

function checkOperand(name: string, operand: MatmulOperand, rows: number, columns: number): void {
  const { stride = operand.columns } = operand
  const [r, c] = operand.transposed ? [operand.columns, operand.rows] : [operand.rows, operand.columns]
  if (r === rows && c === columns && stride >= operand.columns && rows > 0 && columns > 0) return
  const given = `${operand.rows} × ${operand.columns}${operand.transposed ? ', transposed,' : ''} at stride ${stride}`
  throw new RangeError(`matmul: ${name} is ${given}, where ${rows} × ${columns} is needed`)
}
