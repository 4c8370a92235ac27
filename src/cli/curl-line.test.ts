import { expect, it } from 'vitest'
import { curlLine } from './curl-line.ts'

it('quotes for a shell and names an address that can be reached', () => {
  expect(curlLine('http://127.0.0.1:8090', 'ember', true)).toMatchInlineSnapshot(
    `"curl http://127.0.0.1:8090/v1/chat/completions -H 'Content-Type: application/json' -d '{"model":"ember","messages":[{"role":"user","content":"What is Warpline?"}]}'"`,
  )
  expect(curlLine('http://0.0.0.0:80/', "it's", false)).toMatchInlineSnapshot(
    `"curl http://127.0.0.1:80/v1/completions -H 'Content-Type: application/json' -d '{"model":"it'\\''s","prompt":"What is Warpline?"}'"`,
  )
  expect(curlLine('http://[::]:80', 'm', false, true)).toContain(" -H 'Authorization: Bearer YOUR-KEY' ")
  expect(curlLine('http://[::]:80', 'm', false)).toContain('curl http://[::1]:80/v1/completions ')
})
