import { expect, test } from 'vitest'
import { cardsHere } from '../targets/gpu-of-worker.ts'
import { CpuPost } from './cpu-post.ts'
import { CudaPost } from './cuda-post.ts'

const ROUNDS = 1000
const TOKENS = Uint32Array.from({ length: 3000 }, (_, i) => (i === 7 ? 0xffff_ffff : i * 37))

/** Steps of x ← 1103515245 x + 12345 modulo 2³², in exact integers. */
function exact(x: number, rounds: number): number {
  let state = BigInt(x)
  for (let i = 0; i < rounds; i++) state = (state * 1_103_515_245n + 12_345n) & 0xffff_ffffn
  return Number(state)
}

test('the twin steps the generator of lcg.cuh', async () => {
  const post = new CpuPost(10)
  const ms = await post.run(TOKENS)
  expect(ms).toBeGreaterThan(0)
  expect([...post.out]).toEqual(Array.from(TOKENS, token => exact(token, 10)))
  expect(await post.run(new Uint32Array(0))).toBe(0)
})

test('the twin lets the event loop go on', async () => {
  let turns = 0
  const post = new CpuPost(1_000_000)
  const count = setInterval(() => turns++, 0)
  await post.run(TOKENS.subarray(0, 40))
  clearInterval(count)
  expect(turns).toBeGreaterThan(2)
})

test.skipIf(cardsHere() === 0)('the card gives what its twin gives, several answers at a time', async () => {
  const twin = new CpuPost(ROUNDS)
  await twin.run(TOKENS)
  await using post = new CudaPost(0, ROUNDS)
  expect(await post.run(new Uint32Array(0))).toBe(0)
  const times = await Promise.all([post.run(TOKENS), post.run(TOKENS), post.run(TOKENS)])
  expect(post.out).toEqual(twin.out)
  for (const ms of times) expect(ms).toBeGreaterThan(0)
  expect(await post.run(TOKENS.subarray(0, 5))).toBeGreaterThan(0)
  expect(post.out).toEqual(twin.out.subarray(0, 5))
})

test.skipIf(cardsHere() > 0)('without a card it is refused', () => {
  expect(() => new CudaPost(0, ROUNDS)).toThrow(expect.objectContaining({ code: 'cuda_unavailable' }))
})
