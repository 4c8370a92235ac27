import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type InProcessEngine, openInProcess } from '../../native/index.ts'
import { measure } from './measure.ts'
import type { EngineWork } from './work.ts'

const EMBER = fileURLToPath(new URL('../../../models/ember/', import.meta.url))

let engine: InProcessEngine
beforeAll(async () => {
  engine = await openInProcess(EMBER, {
    device: 'cpu',
    threads: 1,
    contextLength: 128,
    tokenBudget: 64,
    maxSequences: 3,
  })
})
afterAll(() => engine[Symbol.asyncDispose]())

const work = (given: Partial<EngineWork>): EngineWork => ({ kind: 'generate', batch: 3, depth: 0, tokens: 4, ...given })

test('generation is measured over steps that hold every sequence, even if they begin in several', async () => {
  expect(await measure(engine, work({}))).toMatchObject({ steps: 4, tokens: 12 })
  expect(await measure(engine, work({ depth: 50 }))).toMatchObject({ steps: 4, tokens: 12 })
})

test('a prompt finds what lies before it, and nothing of an earlier prompt', async () => {
  const cached = async (given: Partial<EngineWork>) => {
    const before = engine.loop.stats().cachedTokens
    await measure(engine, work({ kind: 'prompt', tokens: 40, ...given }))
    return engine.loop.stats().cachedTokens - before
  }
  expect(await cached({})).toBe(0)
  expect(await cached({ depth: 32 })).toBe(3 * 32)
  expect(await cached({ depth: 32 })).toBe(3 * 32)
})

test('leaves nothing behind', async () => {
  await measure(engine, work({}))
  expect(engine.loop.idle).toBe(true)
  expect(engine.loop.stats()).toMatchObject({ running: 0, waiting: 0, paused: 0 })
})
