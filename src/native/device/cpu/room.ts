import type { Tensor } from '../device.ts'

/** Values in a tensor or weight of this shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** Columns of `tensor`: its last dimension. */
export function columnsOf(tensor: Tensor): number {
  return tensor.shape[tensor.shape.length - 1] ?? 1
}

/** @throws RangeError when `tensor` holds fewer than `elements` values: an operation would leave its memory. */
export function requireRoom(tensor: Tensor, elements: number, operation: string, role: string): void {
  if (elementsOf(tensor.shape) < elements) {
    throw new RangeError(`${operation}: ${role} is [${tensor.shape.join(', ')}] but must hold ${elements} values`)
  }
}
