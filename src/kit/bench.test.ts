import { expect, it } from 'vitest'
import { fitting } from './bench.ts'
import { KIT } from './kit.ts'
import type { KitMachine } from './machine.ts'

const cardWith = (free: number) =>
  ({ context: { memory: () => ({ free, total: free }) } }) as Pick<KitMachine, 'context'>

it('measures less on a small card', () => {
  const product = KIT.find(({ name }) => name === 'matmul-tensor')!
  expect(fitting(product, product.bench, cardWith(80e9))).toEqual(product.bench)
  expect(fitting(product, product.bench, cardWith(400e6))).toEqual({ m: 4096, n: 4096, k: 8192 })
})

it('every entry fits a card of 1 GiB', () => {
  for (const entry of KIT) {
    const size = fitting(entry, entry.bench, cardWith(2 ** 30))
    const bytes = Object.values(entry.buffers(size)).reduce((sum, { length }) => sum + length, 0)
    expect(bytes).toBeLessThan(2 ** 30)
    expect(entry.flops(size) + entry.bytes(size)).toBeGreaterThan(0)
  }
})
