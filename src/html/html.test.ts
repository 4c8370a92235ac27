import { expect, test } from 'vitest'
import { html, prose } from './html.ts'

test('texts cannot break out of elements or attributes', () => {
  const evil = `"><script>alert('x')</script>&amp;`
  const markup = html`<p title="${evil}">${evil}</p>`.markup
  const safe = '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;'
  expect(markup).toBe(`<p title="${safe}">${safe}</p>`)
})

test('markup stays markup, lists are joined, and what is not there leaves nothing', () => {
  const items = ['a', '<b>'].map(text => html`<li>${text}</li>`)
  expect(html`<ul>${items}</ul>${undefined}${false}${0}`.markup).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>0')
})

test('backticks mark code, and code is escaped too', () => {
  expect(html`${prose('see `<b>` and c')}`.markup).toBe('see <code>&lt;b&gt;</code> and c')
})
