import { expect, it } from 'vitest'
import { type CompileRequest, optionsOf, targetOf } from './compile.ts'
import { cacheKey, defaultDirectory } from './kernel-cache.ts'

const request: CompileRequest = {
  source: 'a',
  name: 'norm.cu',
  architecture: 'sm_90a',
  defines: { HIDDEN: 64, TYPE: 'bf16' },
  headers: { 'x.cuh': '1', 'y.cuh': '2' },
}

it('an image is kept under all that it depends on', () => {
  const others: CompileRequest[] = [
    { ...request, source: 'b' },
    { ...request, name: 'rope.cu' },
    { ...request, architecture: 'sm_80' },
    { ...request, defines: { HIDDEN: 65, TYPE: 'bf16' } },
    { ...request, defines: { HIDDEN: 64 } },
    { ...request, headers: { 'x.cuh': '1', 'y.cuh': '3' } },
    { ...request, headers: { 'x.cuh': '1' } },
  ]
  const keys = [cacheKey(request, '13.0'), cacheKey(request, '12.8'), ...others.map(each => cacheKey(each, '13.0'))]
  expect(new Set(keys).size).toBe(keys.length)
})

it('the order of macros and headers does not matter, nor does a number’s form', () => {
  const same = { defines: { TYPE: 'bf16', HIDDEN: '64' }, headers: { 'y.cuh': '2', 'x.cuh': '1' } }
  expect(cacheKey({ ...request, ...same }, '13.0')).toBe(cacheKey(request, '13.0'))
})

it.each([
  [{ WARPLINE_HOME: '/w', XDG_CACHE_HOME: '/x' }, '/w/kernels'],
  [{ XDG_CACHE_HOME: '/x' }, '/x/warpline/kernels'],
  [{}, '/home/me/.cache/warpline/kernels'],
])('with %j images are kept in %s', (env, directory) => {
  expect(defaultDirectory(env, '/home/me')).toBe(directory)
})

it.each([
  ['sm_90a', { option: 'sm_90a', binary: true }],
  ['sm_120', { option: 'compute_100', binary: false }],
  ['sm_89', { option: 'compute_80', binary: false }],
  // Too old: the compiler itself says so best.
  ['sm_50', { option: 'sm_50', binary: true }],
])('%s is compiled as %j by a compiler that knows 80, 90 and 100', (architecture, target) => {
  expect(targetOf(architecture, [80, 90, 100])).toEqual(target)
})

it('macros become options', () => {
  expect(optionsOf(request, 'sm_90a')).toEqual([
    '--gpu-architecture=sm_90a',
    '--std=c++17',
    '--device-as-default-execution-space',
    '-DHIDDEN=64',
    '-DTYPE=bf16',
  ])
})
