import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiKeyOf } from './api-key.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'warpline-key-'))
  await writeFile(join(folder, 'key'), 'from-file\r\nsecond line\n')
  await writeFile(join(folder, 'empty'), '\n')
})
afterAll(() => rm(folder, { recursive: true }))

const both = { WARPLINE_API_KEY: 'ours', OPENAI_API_KEY: 'theirs' }

test('the option wins over the file, the file over the environment, our variable over the other', () => {
  const apiKeyFile = join(folder, 'key')
  expect(apiKeyOf({ apiKey: 'given', apiKeyFile }, both)).toBe('given')
  expect(apiKeyOf({ apiKeyFile }, both)).toBe('from-file')
  expect(apiKeyOf({}, both)).toBe('ours')
  expect(apiKeyOf({}, { WARPLINE_API_KEY: '', OPENAI_API_KEY: 'theirs\n' })).toBe('theirs')
  expect(apiKeyOf({}, {})).toBeUndefined()
})

test('what can be no key is refused, and not shown', () => {
  const said = (run: () => unknown) => {
    try {
      return run()
    } catch (error) {
      return (error as Error).message.replaceAll(folder, '')
    }
  }
  expect([
    said(() => apiKeyOf({ apiKey: 'a b' })),
    said(() => apiKeyOf({ apiKey: '' })),
    said(() => apiKeyOf({ apiKeyFile: join(folder, 'empty') })),
    said(() => apiKeyOf({ apiKeyFile: join(folder, 'none') })),
    said(() => apiKeyOf({}, { OPENAI_API_KEY: 'kéy' })),
  ]).toMatchInlineSnapshot(`
    [
      "the key holds spaces or characters beyond ASCII: a key is letters, digits and signs without spaces",
      "the key is empty: a key is letters, digits and signs without spaces",
      "the first line of /empty is empty: a key is letters, digits and signs without spaces",
      "the key's file /none cannot be read (ENOENT)",
      "OPENAI_API_KEY holds spaces or characters beyond ASCII: a key is letters, digits and signs without spaces",
    ]
  `)
})
