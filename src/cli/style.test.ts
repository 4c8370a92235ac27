import { expect, it } from 'vitest'
import { harmless, styleFor } from './style.ts'

const terminal = { isTTY: true, write: () => true, once: () => {} }
const pipe = { ...terminal, isTTY: false }

it.each([
  [terminal, {}, '\x1b[1mx\x1b[22m'],
  [terminal, { NO_COLOR: '1' }, 'x'],
  [terminal, { TERM: 'dumb' }, 'x'],
  [pipe, {}, 'x'],
])('colours a terminal alone (%#)', (output, env, expected) => {
  expect(styleFor(output, env)('bold', 'x')).toBe(expected)
})

it('lets no model move the cursor of a terminal', () => {
  expect(harmless('a\x1b[2J\tb\r\n\x9bc', terminal)).toBe('a[2J\tb\nc')
  expect(harmless('a\x1b[2J', pipe)).toBe('a\x1b[2J')
})
