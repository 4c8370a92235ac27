import { kernel } from '../../../../cuda/index.ts'
import type { Activation } from '../../device.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import type { CudaTensor } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { launched, threadsFor, vectorOf } from './launched.ts'
import type { DeviceOperation } from './operation.ts'

const GATED_ACTIVATION = kernel('gatedActivation', { out: 'pointer', gateUp: 'pointer' })

export interface GatedActivationRequest {
  /** `[rows, width]` */
  readonly out: CudaTensor
  /** `[rows, 2·width]`, of the same type */
  readonly gateUp: CudaTensor
  readonly rows: number
  readonly activation: Activation
}

export function gatedActivation(tools: Tools, request: GatedActivationRequest): DeviceOperation {
  const { out, gateUp, rows, activation } = request
  const width = gateUp.shape[gateUp.shape.length - 1]! / 2
  const vectors = width / vectorOf(width, out.type === 'f32' ? 4 : 8)
  const threads = threadsFor(vectors, 128)
  return launched(tools, {
    file: 'activation.cu',
    kernel: GATED_ACTIVATION,
    defines: { ACTIVATION: out.type, WIDTH: width, GELU: activation === 'gelu-tanh' ? 1 : 0, THREADS: threads },
    detail: `${activation} ${out.type} [${rows}, ${width}]`,
    blocks: rows * Math.ceil(vectors / threads),
    threads,
    args: { out: out.pointer, gateUp: gateUp.pointer },
    bytes: 3 * rows * width * ELEMENT_BYTES[out.type],
    flops: 5 * rows * width,
  })
}
