import { expect, it } from 'vitest'
import { type Engine, type EngineInfo, UnauthorizedError, UnsupportedError } from '../../engine/index.ts'
import { createMockEngine } from '../../mock/index.ts'
import { resolveConfig } from '../resolve-config.ts'
import { testWorld } from '../testing/test-world.ts'
import { howToSend } from './how-to-send.ts'

const whole = { vocabSize: 100, chat: true }

/** Servers that tell of themselves what `info` says; one without ids refuses them all the same. */
function worldOf(servers: Readonly<Record<string, Partial<EngineInfo> & { ids?: boolean }>>) {
  const opened: string[] = []
  const openTarget = async (target = ''): Promise<Engine> => {
    opened.push(target)
    const { ids = true, ...info } = servers[target]!
    const engine = createMockEngine({ ttftMs: 0, itlMs: 0 })
    return Object.assign(Object.create(engine), {
      info: { ...engine.info, ...info },
      generate: (...args: Parameters<Engine['generate']>) => {
        if ('tokens' in args[0].input && !ids) throw new UnsupportedError('it takes no ids')
        return engine.generate(...args)
      },
      close: () => engine.close(),
    })
  }
  return { opened, world: { ...testWorld(), openTarget } }
}

it.each([
  ['ids where they are taken', { 'http://a': whole }, {}, 'tokens'],
  ['a chat where ids are refused', { 'http://a': { ...whole, ids: false } }, {}, 'chat'],
  ['a chat where the vocabulary is not known', { 'http://a': { ...whole, vocabSize: 0 } }, {}, 'chat'],
  ['text where there is no chat', { 'http://a': { vocabSize: 0, chat: false } }, {}, 'text'],
  ['what all of them take', { 'http://a': whole, 'https://b': { ...whole, ids: false } }, {}, 'chat'],
  [
    'what all of them take',
    { 'http://a': { ...whole, chat: false }, 'http://b': { ...whole, ids: false } },
    {},
    'text',
  ],
])('sends %s', async (_, servers, given, expected) => {
  const { world } = worldOf(servers)
  expect(await howToSend(Object.keys(servers), await resolveConfig(given, undefined, world), world)).toBe(expected)
})

it.each([
  [{ send: 'text' }, 'text'],
  [{ send: 'tokens' }, 'tokens'],
  [{ api: 'chat' }, 'chat'],
  [{ prompts: 'p.txt' }, 'text'],
  [{ prompts: 'p.txt', send: 'chat' }, 'chat'],
])('sends as was asked: %j', async (given, expected) => {
  const { world } = worldOf({ 'http://a': whole })
  const config = await resolveConfig(given, undefined, world)
  expect(await howToSend(['http://a'], config, world)).toBe(expected)
  expect(await howToSend(['mock:'], config, world)).toBe(expected)
})

it('opens nothing here twice', async () => {
  const { world, opened } = worldOf({})
  expect(await howToSend(['mock:'], await resolveConfig({}, undefined, world), world)).toBe('tokens')
  expect(opened).toEqual([])
})

it('says what all ways fail with', async () => {
  const { world } = worldOf({ 'http://a': { ...whole, ids: false } })
  const config = await resolveConfig({ send: 'tokens' }, undefined, world)
  await expect(howToSend(['http://a'], config, world)).rejects.toThrow('it takes no ids')
})

it('says who may not ask', async () => {
  const world = {
    ...testWorld(),
    openTarget: async () => {
      throw new UnauthorizedError('http://a wants a key')
    },
  }
  const config = await resolveConfig({}, undefined, world)
  await expect(howToSend(['http://a'], config, world)).rejects.toThrow('http://a wants a key')
})
