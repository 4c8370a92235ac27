import { expect, it } from 'vitest'
import { testCard } from '../testing/test-card.ts'

const card = testCard()
const MIB = 2 ** 20

it.skipIf(card === undefined)('says what to lower where the budget is too small', async () => {
  await using device = await card!.open({ gpuMemory: '16MiB' })
  const take = (purpose: 'weights' | 'kv-cache' | 'activations' | 'workspace') => () =>
    device.allocate([40 * MIB], 'fp8', purpose)
  expect(take('weights')).toThrowErrorMatchingInlineSnapshot(
    `[ModelLoadError: 40 MiB more for weights do not fit into the 16 MiB that the engine may take of the GPU (16 MiB are left): keep the weights in fewer bytes (--quantize int8 or fp8), or raise --gpu-memory]`,
  )
  expect(take('kv-cache')).toThrowErrorMatchingInlineSnapshot(
    `[ModelLoadError: 40 MiB more for kv-cache do not fit into the 16 MiB that the engine may take of the GPU (16 MiB are left): lower --context or --max-sequences, or keep the cache in fewer bytes (--kv-type fp8), or raise --gpu-memory]`,
  )
  expect(take('activations')).toThrowErrorMatchingInlineSnapshot(
    `[ModelLoadError: 40 MiB more for activations do not fit into the 16 MiB that the engine may take of the GPU (16 MiB are left): lower --token-budget or --max-sequences, or raise --gpu-memory]`,
  )
  expect(take('workspace')).toThrowErrorMatchingInlineSnapshot(
    `[ModelLoadError: 40 MiB more for workspace do not fit into the 16 MiB that the engine may take of the GPU (16 MiB are left): lower --max-sequences or --context, or raise --gpu-memory]`,
  )
})

it.skipIf(card === undefined)('says so where others have taken the card', async () => {
  await using device = await card!.open({ gpuMemory: '4000GiB' })
  expect(() => device.allocate([2000, 2 ** 30], 'fp8', 'kv-cache')).toThrow(
    /^the GPU has \d+ MiB left where 2048000 MiB are needed for kv-cache: lower --context or --max-sequences, .* or end what else runs there$/,
  )
})

it.skipIf(card === undefined)('takes nothing once it is sealed', async () => {
  await using device = await card!.open()
  device.seal()
  expect(() => device.allocate([1], 'f32', 'workspace')).toThrow('the device is sealed: allocate before seal()')
})
