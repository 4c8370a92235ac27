import { expect, test } from 'vitest'
import { CHECKS } from './checks/index.ts'
import { chosen } from './chosen.ts'
import { parseOptions } from './options.ts'

test('defaults', () => {
  expect(parseOptions(['http://127.0.0.1:8090/v1/'])).toEqual({
    url: 'http://127.0.0.1:8090',
    only: [],
    strict: false,
    timeout: 30,
    fuzz: 5,
    seed: 1,
  })
})

test('everything', () => {
  const argv = ['--spawn', 'serve {port}', '--key', 'k', '--model', 'm', '--only', '3,usage', '--strict', '--fuzz', '0']
  expect(parseOptions([...argv, '--seed', '7', '--timeout', '2.5', '--json', 'out.json'])).toEqual({
    spawn: 'serve {port}',
    key: 'k',
    model: 'm',
    only: ['3', 'usage'],
    strict: true,
    timeout: 2.5,
    fuzz: 0,
    seed: 7,
    json: 'out.json',
  })
  expect(parseOptions(['--help'])).toBe('help')
})

test.each([
  [[], 'give a URL, or --spawn a server'],
  [['ftp://a'], 'ftp://a is no http URL'],
  [['http://a', 'http://b'], 'one URL, not 2'],
  [['--spawn', 'serve'], '--spawn: say {port} where the port goes'],
  [['http://a', '--fuzz', 'long'], '--fuzz: a number of at least 0, not long'],
  [['http://a', '--quick'], "Unknown option '--quick'"],
])('%j is refused', (argv, message) => {
  expect(() => parseOptions(argv)).toThrow(message)
})

test('checks are chosen by item, topic and id', () => {
  const ids = (only: string[]) => chosen(CHECKS, only).map(({ id }) => id)
  expect(ids(['6'])).toEqual(['usage.chat', 'usage.completion', 'usage.absent'])
  expect(ids(['usage.absent', 'health.ready'])).toEqual(['health.ready', 'usage.absent'])
  expect(ids(['batch'])).toEqual(['batch.same'])
  expect(ids([])).toHaveLength(CHECKS.length)
  expect(() => ids(['22'])).toThrow('--only: no check is called 22')
})

test('each check has an id of its own, and each item has a check', () => {
  expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length)
  expect([...new Set(CHECKS.map(({ item }) => item))]).toEqual(Array.from({ length: 21 }, (_, i) => i + 1))
})
