import { collect } from '../../src/engine/index.ts'
import { createMockEngine } from '../../src/mock/index.ts'

const REQUESTS = 20_000
const AT_ONCE = 64
const ROUNDS = 3
const CHAT = [
  {
    role: 'user',
    content: 'Tell me in a few words what a KV cache is, and why a language model keeps one at all.',
  },
] as const

/** CPU of a request to a mock engine without any pace, its reader's included, in µs: the best of three after one warm-up. */
export async function mockCost(maxTokens: number): Promise<number> {
  await round(maxTokens)
  const costs = []
  for (let i = 0; i < ROUNDS; i++) costs.push(await round(maxTokens))
  return Math.min(...costs)
}

async function round(maxTokens: number): Promise<number> {
  await using engine = createMockEngine({ ttftMs: 0, itlMs: 0 })
  const some = async () => {
    for (let i = 0; i < REQUESTS / AT_ONCE; i++)
      await collect(engine.generate({ input: { messages: CHAT }, sampling: { maxTokens, temperature: 0.7 } }))
  }
  const start = process.cpuUsage()
  await Promise.all(Array.from({ length: AT_ONCE }, some))
  const { user, system } = process.cpuUsage(start)
  return (user + system) / REQUESTS
}
