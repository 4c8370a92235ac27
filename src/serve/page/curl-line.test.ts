import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { curlLine } from './curl-line.ts'

const request = { method: 'POST', base: 'http://h', path: '/generate', body: { prompt: "it's" }, needsKey: true }

test('a request as a line for a shell', () => {
  expect(curlLine({ ...request, body: { n: 1 } }).markup).toMatchInlineSnapshot(`
    "curl <span data-base>http://h</span>/generate \\
      -H &quot;Authorization: Bearer $WARPLINE_KEY&quot; \\
      -H &#39;Content-Type: application/json&#39; \\
      -d &#39;{
      &quot;n&quot;: 1
    }&#39;"
  `)
  expect(curlLine({ ...request, method: 'GET', body: undefined, needsKey: false }).markup).toBe(
    'curl <span data-base>http://h</span>/generate',
  )
})

test('a shell reads the body back as it is', () => {
  const text = curlLine(request)
    .markup.replace(/<[^>]*>/g, '')
    .replace(/&(\w+|#39);/g, entity => ({ '&quot;': '"', '&#39;': "'", '&lt;': '<', '&amp;': '&' })[entity]!)
  const words = execFileSync('sh', ['-c', text.replace(/^curl/, `printf '%s\\0'`)], { encoding: 'utf8' }).split('\0')
  expect(JSON.parse(words[words.indexOf('-d') + 1]!)).toEqual(request.body)
})
