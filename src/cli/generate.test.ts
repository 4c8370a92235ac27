import { expect, it } from 'vitest'
import { main } from './main.ts'
import { testWorld } from './testing/test-world.ts'

it('prints the answer, and the same one for the same seed', async () => {
  const first = testWorld()
  const second = testWorld()
  expect(await main(['generate', '-p', 'hello', '--seed', '1'], first)).toBe(0)
  expect(await main(['generate', '-p', 'hello', '--seed', '1'], second)).toBe(0)
  expect(first.out()).toMatch(/^( \w+){4}\n$/)
  expect(second.out()).toBe(first.out())
  expect(first.err()).toBe('')
})

it('prints one object', async () => {
  const world = testWorld()
  expect(await main(['generate', '-p', 'hello', '--json', '--max-tokens', '3'], world)).toBe(0)
  const result = JSON.parse(world.out())
  expect(result).toMatchObject({ model: 'mock', finishReason: 'length', usage: { completionTokens: 3 } })
  expect(result.tokens).toHaveLength(3)
  expect(Object.keys(result)).toMatchInlineSnapshot(`
    [
      "model",
      "backend",
      "text",
      "tokens",
      "finishReason",
      "usage",
      "timings",
    ]
  `)
})

it('reads standard input', async () => {
  const world = testWorld()
  const ended = main(['generate', '-p', '-', '--raw', '--json'], world)
  world.stdin.end('one two three\n')
  expect(await ended).toBe(0)
  expect(JSON.parse(world.out()).usage.promptTokens).toBe(4)
})

it('stops at a signal with what was said', async () => {
  const world = testWorld({ mock: 'mock:?ttft=1ms&itl=5ms&tokens=8000' })
  const ended = main(['generate', '-p', 'hello'], world)
  await world.seen(' ')
  world.signal('SIGINT')
  expect(await ended).toBe(130)
  expect(world.out()).toMatch(/^( \w+)+\n$/)
})
