import { expect, it } from 'vitest'
import { main } from './main.ts'
import { testWorld } from './testing/test-world.ts'

it('takes one line a turn from a pipe and prints answers alone', async () => {
  const world = testWorld()
  const ended = main(['chat'], world)
  world.stdin.end('hello\n\n/system be brief\nhow are you\n/exit\nnever asked\n')
  expect(await ended, world.err()).toBe(0)
  expect(world.out()).toMatch(/^( \w+){4}\n( \w+){4}\n$/)
  expect(world.err().replace(/[\d.]+ tok\/s · first after \d+ ms/g, 'R')).toMatchInlineSnapshot(`
    "4 tokens · R · prompt 7 tokens
    system message set
    4 tokens · R · prompt 24 tokens
    "
  `)
})

it('drops the oldest turns once the context is full', async () => {
  const world = testWorld({ mock: 'mock:?ttft=1ms&itl=100us&tokens=4&context=100' })
  const ended = main(['chat'], world)
  world.stdin.end(`${'some words to fill it\n'.repeat(12)}`)
  expect(await ended, world.err()).toBe(0)
  expect(world.err()).toContain('the context is full: the oldest turn left it\n')
  expect(world.out().split('\n')).toHaveLength(13)
})

it('a signal stops the answer and the chat', async () => {
  const world = testWorld({ mock: 'mock:?ttft=1ms&itl=5ms&tokens=8000' })
  const ended = main(['chat'], world)
  world.stdin.write('hello\n')
  await world.seen(' ')
  world.signal('SIGTERM')
  expect(await ended).toBe(143)
  expect(world.err()).toBe('stopped\n')
})
