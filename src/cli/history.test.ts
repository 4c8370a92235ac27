import { expect, it } from 'vitest'
import { createMockEngine } from '../mock/index.ts'
import { History } from './history.ts'

it('keeps the system message before all turns', () => {
  const history = new History('be brief')
  history.add('a', 'b')
  expect(history.messages('c').map(({ role, content }) => `${role}: ${content}`)).toEqual([
    'system: be brief',
    'user: a',
    'assistant: b',
    'user: c',
  ])
  history.clear()
  expect(history.messages()).toEqual([{ role: 'system', content: 'be brief' }])
})

it('drops the oldest turns, and no more than it must', async () => {
  await using engine = createMockEngine({ contextLength: 200 })
  const history = new History(undefined)
  for (let turn = 0; turn < 10; turn++) history.add(`question ${turn} ${'word '.repeat(20)}`, 'answer')
  const dropped = await history.makeRoom(engine, 'next', 50)
  const left = history.messages('next')
  expect(dropped).toBeGreaterThan(0)
  expect(left[0]?.content).toContain(`question ${dropped} `)
  expect((await engine.tokenize({ messages: left })).length).toBeLessThanOrEqual(150)
  expect(await history.makeRoom(engine, 'next', 50)).toBe(0)
})
