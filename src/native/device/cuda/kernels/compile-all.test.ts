import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CompileError, KernelCache } from '../../../../cuda/index.ts'
import { testCard } from '../testing/test-card.ts'
import { compileAll } from './compile-all.ts'

const directory = mkdtempSync(join(tmpdir(), 'warpline-compile-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const request = (body: string) => ({
  name: 'test.cu',
  source: `extern "C" __global__ void test(int *out) { ${body} }`,
  architecture: 'sm_90a',
})

describe.skipIf(testCard() === undefined)('compiling many kernels', () => {
  it('gives their images in order, and keeps them', async () => {
    const cache = new KernelCache(directory)
    const requests = [1, 2, 3].map(value => request(`*out = ${value};`))
    const images = await compileAll(requests, cache)
    expect(images.map(image => Buffer.from(image))).toEqual(
      requests.map(each => Buffer.from(cache.compile(each).image)),
    )
    expect(readdirSync(directory)).toHaveLength(3)
  })

  it('throws what is wrong with one of them', async () => {
    const requests = [request('*out = 4;'), request('nonsense;')]
    await expect(compileAll(requests, new KernelCache(directory))).rejects.toThrow(CompileError)
  })
})
