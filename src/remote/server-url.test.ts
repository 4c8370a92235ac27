import { expect, test } from 'vitest'
import { InvalidTargetError } from '../engine/index.ts'
import { parseServerUrl } from './server-url.ts'

test.each([
  ['http://localhost:8080', 'http://localhost:8080', ''],
  ['http://localhost:8080/', 'http://localhost:8080', ''],
  ['http://localhost:8080/v1', 'http://localhost:8080', ''],
  ['http://localhost:8080/v1/', 'http://localhost:8080', ''],
  ['https://example.org/llm/v1/chat/completions', 'https://example.org', '/llm'],
  ['https://example.org/llm/v1/completions', 'https://example.org', '/llm'],
  ['https://example.org/completion', 'https://example.org', ''],
  ['https://example.org/a/b//', 'https://example.org', '/a/b'],
  ['https://example.org/v1beta', 'https://example.org', '/v1beta'],
  ['http://[::1]:9', 'http://[::1]:9', ''],
])('%s', (text, origin, prefix) => {
  expect(parseServerUrl(text)).toEqual({ origin, prefix, text: origin + prefix })
})

test.each([
  ['http:', '"http:" is no address of a server: write http://HOST:PORT'],
  ['http://', '"http://" is no address of a server: write http://HOST:PORT'],
  ['http://a:99999', '"http://a:99999" is no address of a server: write http://HOST:PORT'],
  ['ftp://a', '"ftp://a" is no address of a server: write http://HOST:PORT'],
  ['http://a/?x=1', '"http://a/?x=1" has more than a path: leave out what follows ? or #'],
  ['http://a/\u001b[2J?x', '"http://a/\\u001b[2J?x" has more than a path: leave out what follows ? or #'],
  [
    'http://me:secret@a',
    "the address of a holds a user or a password: give the server's key by --api-key-file or WARPLINE_API_KEY",
  ],
])('%j is refused', (text, message) => {
  expect(() => parseServerUrl(text)).toThrow(new InvalidTargetError(message))
})
