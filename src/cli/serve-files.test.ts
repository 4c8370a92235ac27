import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { main } from './main.ts'
import { type TestWorld, testWorld } from './testing/test-world.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warpline-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ALICE = 'alice-alice-alice-alice'
const BOB = 'bob-bob-bob-bob-bob-bob'

/** `warpline serve mock:` until `use` is done with it. */
async function serving(world: TestWorld, args: readonly string[], use: (url: string) => Promise<void>): Promise<void> {
  const code = main(['serve', 'mock:', '--port', '0', ...args], world)
  await Promise.race([world.seen('ready'), code])
  try {
    await use(/https?:\/\/[\w.:]+\d/.exec(world.err())![0])
  } finally {
    world.signal('SIGTERM')
    await code
  }
}

const statusFor = async (url: string, key: string) =>
  (await fetch(`${url}/v1/models`, { headers: { Authorization: `Bearer ${key}` } })).status

describe('keys', () => {
  it('come from a file, and anew at SIGHUP', async () => {
    const file = join(folder, 'keys.txt')
    writeFileSync(file, `alice ${ALICE}\n`)
    const world = testWorld()
    await serving(world, ['--keys', file], async url => {
      expect([await statusFor(url, ALICE), await statusFor(url, BOB)]).toEqual([200, 401])
      writeFileSync(file, `bob ${BOB}\n`)
      world.reload()
      await world.seen('reloaded')
      expect([await statusFor(url, ALICE), await statusFor(url, BOB)]).toEqual([401, 200])
    })
  })

  it('stay as they were where the file is wrong at SIGHUP', async () => {
    const file = join(folder, 'keys.txt')
    writeFileSync(file, `alice ${ALICE}\n`)
    const world = testWorld()
    await serving(world, ['--keys', file], async url => {
      writeFileSync(file, 'alice pssst\n')
      world.reload()
      await world.seen('nothing was reloaded')
      expect(await statusFor(url, ALICE)).toBe(200)
      expect(world.err()).not.toContain('pssst')
    })
  })

  it('come from the environment', async () => {
    const world = testWorld({ env: { WARPLINE_API_KEYS: ALICE } })
    await serving(world, [], async url => {
      expect([await statusFor(url, ALICE), await statusFor(url, BOB)]).toEqual([200, 401])
    })
  })
})

describe('what is missing or wrong is said before anything is served', () => {
  it.each([
    [['--keys', 'nowhere.txt'], '--keys: nowhere.txt cannot be read (ENOENT)'],
    [['--tls-cert', 'cert.pem'], '--tls-cert and --tls-key need each other'],
  ])('%s', async (args, complaint) => {
    const world = testWorld({ cwd: folder })
    expect(await main(['serve', 'mock:', '--port', '0', ...args], world)).toBe(2)
    expect(world.err()).toContain(complaint)
  })
})

it('json logs are JSON, line by line', async () => {
  const world = testWorld()
  await serving(world, ['--log-format', 'json'], async () => {})
  const lines = world.err().trim().split('\n')
  expect(lines.map(line => JSON.parse(line).msg)).toContain('ready')
})
