import { kernel, type MatmulType } from '../../../../cuda/index.ts'
import { paddedRows, restoredRoom, roundedRows } from '../memory/room-bytes.ts'
import { type CudaWeight, ELEMENT_BYTES } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { dequantise } from './convert.ts'
import { launched } from './launched.ts'
import { detailOf, type LinearRequest } from './linear-request.ts'
import type { DeviceOperation } from './operation.ts'

const ADD_BIAS = kernel('addBias', { out: 'pointer', bias: 'pointer', count: 'u32' })

/** Whether the library can take products with `weight`, itself or restored. */
export function matmulHolds({ shape }: CudaWeight): boolean {
  return shape[0] % 8 === 0 && shape[1] % 8 === 0
}

/** The product by cuBLASLt, of weights that are quantised after they were restored, slice by slice. */
export function matmul(tools: Tools, request: LinearRequest): readonly DeviceOperation[] {
  const { out, x, weight, bias, spare = false } = request
  const [width, inner] = weight.shape
  const rows = spare ? spareRows(request) : request.rows
  const operations: DeviceOperation[] = []
  const slice = (pointer: number, firstRow: number, count: number) =>
    operations.push(product(tools, { ...request, rows }, pointer, firstRow, count))
  if (weight.storage === 'int8' || weight.storage === 'fp8') {
    const type = tools.activationType
    const rowBytes = inner * ELEMENT_BYTES[type]
    const most = Math.max(
      8,
      Math.floor((tools.restoredBytes ?? restoredRoom(Number.POSITIVE_INFINITY)) / rowBytes / 8) * 8,
    )
    const to = tools.workspace('restored-weight', Math.min(most, width) * rowBytes)
    for (let firstRow = 0; firstRow < width; firstRow += most) {
      const count = Math.min(most, width - firstRow)
      operations.push(dequantise(tools, { to, type, weight, firstRow, rows: count }))
      slice(to, firstRow, count)
    }
  } else {
    slice(weight.pointer, 0, width)
  }
  if (bias !== undefined) {
    const count = request.rows * width
    operations.push(
      launched(tools, {
        file: 'bias.cu',
        kernel: ADD_BIAS,
        defines: { ACTIVATION: out.type, WIDTH: width },
        detail: `${out.type} [${request.rows}, ${width}]`,
        blocks: Math.ceil(count / 256),
        threads: 256,
        args: { out: out.pointer, bias: bias.pointer, count },
        bytes: 2 * count * ELEMENT_BYTES[x.type],
        flops: count,
      }),
    )
  }
  return operations
}

/** Products of few sizes serve all where rows are rounded up, as far as there is room. */
function spareRows({ rows, out, x }: LinearRequest): number {
  return Math.min(roundedRows(rows), paddedRows(out.shape[0]!), paddedRows(x.shape[0]!))
}

/** Columns `[firstRow, firstRow + count)` of the product, which rows of the weight at `pointer` give. */
function product(
  tools: Tools,
  request: LinearRequest,
  pointer: number,
  firstRow: number,
  count: number,
): DeviceOperation {
  const { out, x, weight, rows } = request
  const [width, inner] = weight.shape
  const type = x.type as MatmulType
  const plan = tools.matmul.plan({
    m: rows,
    n: count,
    k: inner,
    a: { type, rows, columns: inner },
    b: { type, rows: count, columns: inner, transposed: true },
    d: { type: out.type as MatmulType, rows, columns: count, stride: width },
  })
  const pointers = { a: x.pointer, b: pointer, d: out.pointer + firstRow * ELEMENT_BYTES[out.type] }
  const element = ELEMENT_BYTES[x.type]
  return {
    name: 'matmul',
    detail: detailOf(request),
    bytes: element * inner * (count + rows) + rows * count * ELEMENT_BYTES[out.type],
    flops: 2 * rows * count * inner,
    enqueue: stream => plan.enqueue(stream, pointers),
  }
}
