import { expect, it } from 'vitest'
import { createReferenceDevice } from './device/cpu/index.ts'
import type { Device } from './device/device.ts'
import { numberTypes, requireTypes } from './number-types.ts'
import { type NativeOptions, resolveOptions } from './options.ts'

type Case = [NativeOptions, 'cpu' | 'cuda', 'f32' | 'bf16' | 'f16' | undefined, ...types: string[]]

it.each<Case>([
  // What computes, what the checkpoint holds: computed in, weights, keys and values.
  [{}, 'cpu', 'bf16', 'f32', 'auto', 'f32'],
  [{}, 'cuda', 'bf16', 'bf16', 'bf16', 'bf16'],
  [{}, 'cuda', 'f16', 'f16', 'f16', 'f16'],
  [{}, 'cuda', 'f32', 'bf16', 'bf16', 'bf16'],
  [{}, 'cuda', undefined, 'bf16', 'bf16', 'bf16'],
  [{ dtype: 'f32' }, 'cuda', 'bf16', 'f32', 'f32', 'f32'],
  [{ weights: 'f32', kvType: 'fp8' }, 'cuda', 'f16', 'f16', 'f32', 'fp8'],
  [{ weights: 'bf16', quantize: 'int8' }, 'cpu', 'bf16', 'f32', 'int8', 'f32'],
  [{ quantize: 'fp8' }, 'cuda', 'bf16', 'bf16', 'fp8', 'bf16'],
])('%j on %s with %s numbers: %s, %s, %s', (options, kind, checkpoint, activationType, storage, kvType) => {
  expect(numberTypes(resolveOptions(options), kind, checkpoint)).toEqual({ activationType, storage, kvType })
})

it('refuses what the device does not know, and says what it does', () => {
  const device: Device = { ...createReferenceDevice(), name: 'small', types: new Set(['f32', 'bf16', 'int8', 'i32']) }
  const refused = (options: NativeOptions) => () =>
    requireTypes(device, numberTypes(resolveOptions(options), 'cpu', undefined))
  expect(refused({})).not.toThrow()
  expect(refused({ quantize: 'fp8' })).toThrow('small keeps no weights in fp8: it knows f32, bf16, int8')
  expect(refused({ kvType: 'f16' })).toThrow('small keeps no keys and values in f16: it knows f32, bf16')
  expect(refused({ dtype: 'bf16' })).toThrow('small computes in f32 and not in bf16')
})

it('refuses to do without what is no technique', () => {
  expect(resolveOptions({ without: ['graphs'] }).without).toEqual(['graphs'])
  expect(() => resolveOptions({ without: ['magic'] })).toThrow(
    '"magic" is no technique to do without: choose of graphs,',
  )
})
