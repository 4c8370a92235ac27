import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../../clock/index.ts'
import { KeyAccess } from './key-access.ts'
import { keysFrom } from './keys-from.ts'
import type { Scope } from './scope.ts'

const ALICE = 'the-key-of-alice'
const BOB = 'the-key-of-bobby'
const OPS = 'the-key-of-operations'
const FILE = `alice ${ALICE} weight=2\nbob ${BOB}\nops ${OPS} admin`

const access = () => new KeyAccess(keysFrom(FILE))
const claim = (headers: Record<string, string>, remoteAddress = '10.0.0.1') => ({ headers, socket: { remoteAddress } })
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

/** What it comes to: the tenant's name, or the code of the error. */
function outcome(access: KeyAccess, headers: Record<string, string>, scope: Scope = 'user', address?: string): string {
  try {
    return access.identify(claim(headers, address), scope).tenant.name
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('who is let in', () => {
  test.each<[string, Record<string, string>, Scope, string]>([
    ['a bearer token', bearer(ALICE), 'user', 'alice'],
    ['the scheme in other letters', { authorization: `bEARER  ${ALICE}` }, 'user', 'alice'],
    ['the other header', { 'x-api-key': BOB }, 'user', 'bob'],
    ['a bearer token before the other header', { ...bearer(ALICE), 'x-api-key': BOB }, 'user', 'alice'],
    ['the other header beside another scheme', { authorization: 'Basic eDp5', 'x-api-key': BOB }, 'user', 'bob'],
    ['an administrator, everywhere', bearer(OPS), 'user', 'ops'],
    ['an administrator', bearer(OPS), 'admin', 'ops'],
    ['a user where administrators belong', bearer(ALICE), 'admin', 'insufficient_scope'],
    ['anybody where it is public', {}, 'public', 'nobody'],
    ['a wrong key where it is public', bearer('wrong'), 'public', 'nobody'],
    ['no key', {}, 'user', 'invalid_api_key'],
    ['no key for an administrator', {}, 'admin', 'invalid_api_key'],
    ['an empty key', bearer(''), 'user', 'invalid_api_key'],
    ['part of a key', bearer(ALICE.slice(0, -1)), 'user', 'invalid_api_key'],
    ['a key and more', bearer(`${ALICE}x`), 'user', 'invalid_api_key'],
    ['a digest', bearer(`sha256:${'0'.repeat(64)}`), 'user', 'invalid_api_key'],
    ['a huge key', bearer('x'.repeat(10_000)), 'user', 'invalid_api_key'],
    ['another scheme', { authorization: ALICE }, 'user', 'invalid_api_key'],
  ])('%s: %s %s: %s', (_, headers, scope, expected) => {
    expect(outcome(access(), headers, scope)).toBe(expected)
  })

  test('a missing key and a wrong one are told the same', () => {
    const told = [{}, bearer('a-key-that-is-wrong')].map(headers => {
      try {
        return access().identify(claim(headers), 'user')
      } catch (error) {
        return { ...(error as object), message: (error as Error).message }
      }
    })
    expect(told[0]).toEqual(told[1])
    expect(told[0]).toMatchObject({
      message: 'this needs a valid API key: send it as Authorization: Bearer KEY, or as X-Api-Key: KEY',
      headers: { 'WWW-Authenticate': 'Bearer' },
    })
  })

  test('each key has its limits and a salt of its own, which another process would not have', () => {
    const one = access()
    const alice = one.identify(claim(bearer(ALICE)), 'user')
    expect(alice.tenant.limits).toEqual({ weight: 2 })
    expect(alice.cacheSalt).toMatch(/^[\w-]{43}$/)
    expect(one.identify(claim(bearer(BOB)), 'user').cacheSalt).not.toBe(alice.cacheSalt)
    expect(access().identify(claim(bearer(ALICE)), 'user').cacheSalt).not.toBe(alice.cacheSalt)
  })
})

describe('replacing keys', () => {
  test('new keys are good, old ones are not, and a tenant keeps its salt under new limits', () => {
    const reloaded = access()
    const before = reloaded.identify(claim(bearer(ALICE)), 'user')
    reloaded.replace(keysFrom('alice another-key-of-alice weight=3'))
    const after = reloaded.identify(claim(bearer('another-key-of-alice')), 'user')
    expect(after.cacheSalt).toBe(before.cacheSalt)
    expect(after.tenant).toEqual({ name: 'alice', limits: { weight: 3 } })
    expect(outcome(reloaded, bearer(ALICE))).toBe('invalid_api_key')
    expect(outcome(reloaded, bearer(OPS))).toBe('invalid_api_key')
  })

  test('what is wrong changes nothing', () => {
    const reloaded = access()
    expect(() => reloaded.replace([])).toThrow('there is no key')
    const [alice, bob] = keysFrom(FILE)
    expect(() => reloaded.replace([alice!, { ...bob!, name: 'alice' }])).toThrow('two keys have the same name')
    expect(() => reloaded.replace([alice!, { ...bob!, digest: alice!.digest }])).toThrow('the same key has two names')
    expect(outcome(reloaded, bearer(ALICE))).toBe('alice')
  })
})

describe('an address that shows wrong keys again and again', () => {
  const limited = async () => {
    const clock = new VirtualClock()
    const access = new KeyAccess(keysFrom(FILE), { clock })
    const fail = (times: number, address?: string) => {
      for (let i = 0; i < times; i++) outcome(access, bearer('a-key-that-is-wrong'), 'user', address)
    }
    return { clock, access, fail }
  }

  test('is told to wait, and for how long', async () => {
    const { clock, access, fail } = await limited()
    fail(19)
    await clock.advance(2500)
    expect(outcome(access, {})).toBe('invalid_api_key')
    expect(() => access.identify(claim({}), 'user')).toThrow(
      expect.objectContaining({
        code: 'too_many_attempts',
        message: 'too many requests from here had no valid API key: wait',
        headers: { 'Retry-After': '8', 'Retry-After-Ms': '7500' },
      }),
    )
    await clock.advance(7500)
    expect(outcome(access, {})).toBe('invalid_api_key')
    fail(18)
    expect(outcome(access, {})).toBe('invalid_api_key')
    expect(outcome(access, {})).toBe('too_many_attempts')
  })

  test('does not learn that a guess was right', async () => {
    const { access, fail } = await limited()
    fail(20)
    expect(outcome(access, bearer(ALICE))).toBe('too_many_attempts')
  })

  test('does not lock out keys that it has shown before, nor others, nor what is public', async () => {
    const { access, fail } = await limited()
    expect(outcome(access, bearer(ALICE))).toBe('alice')
    fail(20)
    expect(outcome(access, bearer(ALICE))).toBe('alice')
    expect(outcome(access, bearer(BOB))).toBe('too_many_attempts')
    expect(outcome(access, bearer(BOB), 'user', '10.0.0.2')).toBe('bob')
    expect(outcome(access, {}, 'public')).toBe('nobody')
  })

  test('is one with all of its IPv6 network', async () => {
    const { access, fail } = await limited()
    fail(10, '2001:db8::1')
    fail(10, '2001:db8:0:0:1:2:3:4')
    expect(outcome(access, {}, 'user', '2001:db8::ffff:1')).toBe('too_many_attempts')
    expect(outcome(access, {}, 'user', '2001:db8:0:1::1')).toBe('invalid_api_key')
    fail(20, '::ffff:10.0.0.3')
    expect(outcome(access, {}, 'user', '::ffff:10.0.0.3')).toBe('too_many_attempts')
    expect(outcome(access, {}, 'user', '::ffff:10.0.0.4')).toBe('invalid_api_key')
  })

  test('is forgotten once 4096 others have come after it', async () => {
    const { access, fail } = await limited()
    fail(20, 'first')
    for (let i = 1; i < 4096; i++) fail(1, `other ${i}`)
    expect(outcome(access, {}, 'user', 'first')).toBe('too_many_attempts')
    fail(1, 'the last')
    expect(outcome(access, {}, 'user', 'first')).toBe('invalid_api_key')
  })
})
