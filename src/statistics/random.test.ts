import { expect, test } from 'vitest'
import { deviation, kolmogorovSmirnov, mean, normalCdf, Random } from './index.ts'

const drawn = (draw: (random: Random) => number, count = 20_000, seed = 1) => {
  const random = new Random(seed)
  return Float64Array.from({ length: count }, () => draw(random))
}

/** Of a gamma of whole shape: 1 − e^(−x) Σ x^k / k!. */
const erlangCdf = (shape: number, x: number) => {
  let term = 1
  let total = 1
  for (let k = 1; k < shape; k++) {
    term *= x / k
    total += term
  }
  return 1 - Math.exp(-x) * total
}

test.each([
  ['uniform', r => r.next(), x => x],
  ['exponential', r => r.exponential(5), x => 1 - Math.exp(-x / 5)],
  ['normal', r => r.normal(3, 2), x => normalCdf((x - 3) / 2)],
  // Of half a degree of freedom it is a squared normal.
  ['gamma of shape 0.5', r => r.gamma(0.5, 2), x => 2 * normalCdf(Math.sqrt(x)) - 1],
  ['gamma of shape 1', r => r.gamma(1, 3), x => 1 - Math.exp(-x / 3)],
  ['gamma of shape 4', r => r.gamma(4, 0.5), x => erlangCdf(4, x / 0.5)],
] satisfies [string, (random: Random) => number, (x: number) => number][])(
  '%s values are what they are called',
  (_, draw, cdf) => {
    for (const seed of [1, 2, 3]) expect(kolmogorovSmirnov(drawn(draw, 5000, seed), cdf).p).toBeGreaterThan(0.001)
  },
)

test.each([
  [0.25, 4],
  [2, 3],
])('a gamma of shape %d and scale %d has their mean and deviation', (shape, scale) => {
  const values = drawn(random => random.gamma(shape, scale))
  expect(mean(values) / (shape * scale)).toBeCloseTo(1, 1)
  expect(deviation(values) / (Math.sqrt(shape) * scale)).toBeCloseTo(1, 1)
})

test('whole numbers are as frequent as each other, and none lies outside', () => {
  const random = new Random(5)
  const counts = new Array(6).fill(0)
  for (let i = 0; i < 6000; i++) counts[random.int(6)]++
  expect(counts).toHaveLength(6)
  const chiSquare = counts.reduce((sum: number, count: number) => sum + (count - 1000) ** 2 / 1000, 0)
  // 99.9 % of 5 degrees of freedom.
  expect(chiSquare).toBeLessThan(20.5)
})

test('the same seeds give the same numbers, on every machine', () => {
  const first = (seed: number, stream?: number) => new Random(seed, stream).int(1_000_000)
  expect([first(1), first(2), first(1, 1), first(2 ** 40), first(1.5e15, 2 ** 33)]).toMatchInlineSnapshot(`
    [
      762411,
      984949,
      492167,
      985022,
      109471,
    ]
  `)
  expect(first(7, 9)).toBe(first(7, 9))
})

test('sequences of neighbouring seeds and streams have nothing in common', () => {
  const pairs = Array.from({ length: 5000 }, (_, i) => [new Random(i).next(), new Random(i, 1).next()] as const)
  const products = pairs.map(([a, b]) => (a - 0.5) * (b - 0.5) * 12)
  expect(Math.abs(mean(products))).toBeLessThan(0.06)
  const firsts = Float64Array.from(pairs, ([a]) => a)
  expect(kolmogorovSmirnov(firsts, x => x).p).toBeGreaterThan(0.01)
})

test('shuffling keeps everything, and every order comes as often', () => {
  const random = new Random(11)
  const orders = new Map<string, number>()
  for (let i = 0; i < 6000; i++) {
    const order = random.shuffle(['a', 'b', 'c']).join('')
    orders.set(order, (orders.get(order) ?? 0) + 1)
  }
  expect([...orders.keys()].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  expect(Math.min(...orders.values())).toBeGreaterThan(880)
})
