import { expect, test } from 'vitest'
import { HostRule } from './host-rule.ts'

const loopback = { loopbackOnly: true, allowedHosts: undefined }
const behindProxy = { loopbackOnly: true, allowedHosts: ['LLM.example.com'] }
const open = { loopbackOnly: false, allowedHosts: undefined }
const chosen = { loopbackOnly: false, allowedHosts: ['llm.example.com', '[fd00::1]'] }

test.each([
  ['alone on loopback', loopback, 'localhost:8090', 'yes'],
  ['alone on loopback', loopback, '[::1]', 'yes'],
  ['alone on loopback', loopback, 'llm.example.com', 'forbidden_host'],
  ['behind a proxy', behindProxy, 'llm.example.com:443', 'yes'],
  ['behind a proxy', behindProxy, 'LLM.EXAMPLE.COM', 'yes'],
  ['behind a proxy', behindProxy, '127.0.0.1', 'yes'],
  ['behind a proxy', behindProxy, 'example.com', 'forbidden_host'],
  ['behind a proxy', behindProxy, 'llm.example.com.evil.example', 'forbidden_host'],
  ['open to others', open, 'any.example', 'yes'],
  ['open to others', open, '', 'yes'],
  ['open to others', open, 'a@b', 'malformed_request'],
  ['open to others', open, 'a:b:c', 'malformed_request'],
  ['open to others by chosen names', chosen, 'llm.example.com', 'yes'],
  ['open to others by chosen names', chosen, '[FD00::1]:8090', 'yes'],
  ['open to others by chosen names', chosen, 'localhost', 'yes'],
  ['open to others by chosen names', chosen, '10.0.0.1', 'forbidden_host'],
])('%s: %j %s: %s', (_, options, host, expected) => {
  const rule = new HostRule(options)
  // Twice, since what was let in is remembered.
  for (const _ of [1, 2]) expect(outcome(() => rule.check(host))).toBe(expected)
})

test('what to do is said', () => {
  expect(() => new HostRule(loopback).check('a.example')).toThrow(
    'this server does not answer to a.example: use 127.0.0.1 or localhost',
  )
  expect(() => new HostRule(chosen).check('a.example')).toThrow(
    'this server does not answer to a.example: that name is not among its allowed hosts',
  )
})

function outcome(check: () => void): string {
  try {
    check()
    return 'yes'
  } catch (error) {
    return (error as { code: string }).code
  }
}
