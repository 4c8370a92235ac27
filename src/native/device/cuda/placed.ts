import type { KvLayer, Tensor, Weight } from '../device.ts'
import type { CudaKvLayer } from './program/nodes.ts'
import { CudaTensor, CudaWeight } from './tensor.ts'

/** From what the contract knows of tensors to where they lie; what belongs to another device is refused. */
export function placed(owner: object) {
  const tensor = (value: Tensor): CudaTensor => {
    if (value instanceof CudaTensor && value.owner === owner) return value
    throw new TypeError('this tensor belongs to another device')
  }
  return {
    tensor,
    weight(value: Weight): CudaWeight {
      if (value instanceof CudaWeight && value.owner === owner) return value
      throw new TypeError('this weight belongs to another device')
    },
    cache({ k, v }: KvLayer): CudaKvLayer {
      const [keys, values] = [tensor(k), tensor(v)]
      if (keys.type !== values.type) throw new TypeError('keys and values are cached in one type')
      return { k: keys, v: values }
    },
  }
}
