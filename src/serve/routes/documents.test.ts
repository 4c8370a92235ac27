import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { serveMock } from '../../../test/serve-mock.ts'
import type { Access } from '../access/access.ts'
import { openAccess } from '../access/access.ts'

const keyed: Access = { ...openAccess, asksForKeys: true }

describe.each([['/openapi.json', 'application/json'] as const, ['/docs', 'text/html; charset=utf-8'] as const])(
  '%s',
  (path, type) => {
    test('is sent once to who keeps it', async () => {
      await using mock = await serveMock()
      const first = await fetch(mock.server.url + path)
      const etag = first.headers.get('etag')!
      expect(first.headers.get('content-type')).toBe(type)
      expect((await first.text()).length).toBeGreaterThan(1000)
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await fetch(mock.server.url + path, { headers: { 'If-None-Match': known } })
        expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
      }
      const other = await fetch(mock.server.url + path, { headers: { 'If-None-Match': '"other"' } })
      expect(other.status).toBe(200)
    })

    test('has its headers alone for HEAD', async () => {
      await using mock = await serveMock()
      const whole = await fetch(mock.server.url + path)
      const head = await fetch(mock.server.url + path, { method: 'HEAD' })
      expect(await head.text()).toBe('')
      for (const name of ['etag', 'content-length', 'content-type'])
        expect(head.headers.get(name)).toBe(whole.headers.get(name))
    })

    test('is there while the model loads', async () => {
      await using mock = await serveMock({}, { engine: new Promise(() => undefined) })
      expect((await fetch(mock.server.url + path)).status).toBe(200)
    })

    test('does not tell who has no key which model is served', async () => {
      await using open = await serveMock({ model: 'secret-model' })
      await using closed = await serveMock({ model: 'secret-model' }, { access: keyed })
      const text = await (await fetch(closed.server.url + path)).text()
      expect(text).not.toContain('secret-model')
      if (path === '/docs') expect(await (await fetch(open.server.url + path)).text()).toContain('secret-model')
    })
  },
)

test('the page is told by the name that the client used, and nothing of it can become markup', async () => {
  await using mock = await serveMock({ model: '<img src=x>' }, { allowedHosts: ['warpline.example'] })
  const page = await mock.raw('GET /docs HTTP/1.1\r\nHost: warpline.example\r\nConnection: close\r\n\r\n')
  expect(page).toContain('<code data-base>http://warpline.example</code>')
  expect(page).not.toContain('{{base}}')
  expect(page).toContain('&lt;img src=x&gt;')
  expect(page).not.toContain('<img')
})

test('the page may run its own script and style, and reach its own server, and nothing else', async () => {
  await using mock = await serveMock()
  const response = await fetch(`${mock.server.url}/docs`)
  const policy = response.headers.get('content-security-policy')!
  const page = await response.text()
  for (const element of ['script', 'style']) {
    const [, text] = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(page)!
    const digest = createHash('sha256').update(text!).digest('base64')
    expect(policy).toContain(`${element}-src 'sha256-${digest}'`)
  }
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("connect-src 'self'")
  expect(page.match(/\s(?:on\w+|style|src)=/g)).toBeNull()
  expect(page.match(/href="(?!#)[^"]*"/g)).toEqual(['href="data:,"', 'href="openapi.json"'])
})

test('/ leads browsers to the page, and programs to the documents', async () => {
  await using mock = await serveMock()
  const browser = await fetch(`${mock.server.url}/`, {
    headers: { Accept: 'text/html,application/xhtml+xml' },
    redirect: 'manual',
  })
  expect([browser.status, browser.headers.get('location')]).toEqual([302, 'docs'])
  const program = await fetch(`${mock.server.url}/`)
  expect(await program.json()).toEqual({ name: 'warpline', docs: 'docs', openapi: 'openapi.json' })
})
