import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { useEmulator } from '../../../test/emulator/emulator.ts'
import { KitMachine } from '../machine.ts'
import { parseArguments } from './argument.ts'
import { chooseKernel, findKernels, withPlainNames } from './kernel-file.ts'
import { runKernelFile } from './run-kernel-file.ts'

const SOURCE = `
#include <cuda_runtime.h>
#include <stdint.h>
// __global__ void notMe(int x)
__global__ void __launch_bounds__(256) scale(float* __restrict__ data, int n, float alpha) {
    int idx = blockIdx.x * blockDim.x + threadIdx.x;
    if (idx < n) data[idx] = data[idx] * alpha + 1.0f;
}
extern "C" __global__ void count(uint32_t* out) { out[blockIdx.x] = gridDim.x; }
`

test('finds kernels and their parameters', () => {
  expect(findKernels(SOURCE)).toEqual([
    { name: 'scale', parameters: ['float* __restrict__ data', 'int n', 'float alpha'] },
    { name: 'count', parameters: ['uint32_t* out'] },
  ])
  expect(withPlainNames(SOURCE).match(/extern "C" __global__/g)).toHaveLength(3)
})

test.each([
  [SOURCE, undefined, 'several kernels: choose one with --kernel, of scale, count'],
  [SOURCE, 'notMe', 'has no kernel "notMe", only scale, count'],
  ['int main() {}', undefined, 'has no __global__ function'],
])('refuses what it cannot choose', (source, name, message) => {
  expect(() => chooseKernel('mine.cu', source, name)).toThrow(message)
})

test('reads arguments', () => {
  expect(parseArguments(['f32[4]=random i32[2]=iota', 'bf16[8] u8[3]=7, u32=1024', 'f32=-0.5'])).toMatchObject([
    { kind: 'buffer', type: 'f32', length: 4, fill: 'random' },
    { kind: 'buffer', type: 'i32', length: 2, fill: 'iota' },
    { kind: 'buffer', type: 'bf16', length: 8, fill: 0 },
    { kind: 'buffer', type: 'u8', length: 3, fill: 7 },
    { kind: 'scalar', type: 'u32', value: 1024 },
    { kind: 'scalar', type: 'f32', value: -0.5 },
  ])
})

test.each(['f32', 'f33=1', 'u32=1.5', 'f32[0]', 'f32[4]=some', 'f16=1', 'x'])('refuses the argument %s', text => {
  expect(() => parseArguments([text])).toThrow(`"${text}" is no argument`)
})

describe.skipIf(!useEmulator())('on an emulated GPU', () => {
  let cacheDirectory: string
  let machine: KitMachine
  beforeAll(() => {
    cacheDirectory = mkdtempSync(join(tmpdir(), 'warpline-kit-'))
    machine = new KitMachine({ cacheDirectory })
  })
  afterAll(() => {
    machine[Symbol.dispose]()
    rmSync(cacheDirectory, { recursive: true })
  })

  const run = (args: string, kernel: string) =>
    runKernelFile(machine, { file: 'mine.cu', source: SOURCE, kernel, args: parseArguments([args]) })

  it('says what a kernel leaves', () => {
    const { grid, block, buffers, ms } = run('f32[1000]=iota i32=1000 f32=0.5', 'scale')
    expect([grid, block]).toEqual([[4], [256]])
    expect(buffers).toEqual([{ argument: 'f32[1000]=iota', first: [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5] }])
    expect(ms).toBeGreaterThan(0)
  })

  it.each([
    ['f32[8] i32=8', 'scale(float* __restrict__ data, int n, float alpha) takes 3 arguments, not 2'],
    ['f32=1 i32=8 f32=1', '"float* __restrict__ data" of scale is memory, e.g. f32[1024]=random, not f32=1'],
    ['f32[8] i32[8] f32=1', '"int n" of scale is a number, e.g. u32=1024, not i32[8]'],
  ])('refuses %s', (args, message) => {
    expect(() => run(args, 'scale')).toThrow(message)
  })
})
