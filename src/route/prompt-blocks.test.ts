import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChatMessage } from '../engine/index.ts'
import { blocksOf, blocksOfText } from './prompt-blocks.ts'

const ids = fc.array(fc.nat(100_000), { maxLength: 100 })

test('prompts share as many hashes as they share full blocks', () => {
  fc.assert(
    fc.property(ids, ids, ids, (prefix, a, b) => {
      const [left, right] = [prefix.concat(a), prefix.concat(b)]
      const different = left.findIndex((id, i) => id !== right[i])
      const shared = Math.floor((different < 0 ? Math.min(left.length, right.length) : different) / 16)
      const [ofLeft, ofRight] = [blocksOf(left, ''), blocksOf(right, '')]
      expect(ofLeft).toHaveLength(Math.floor(left.length / 16))
      expect(ofLeft.slice(0, shared)).toEqual(ofRight.slice(0, shared))
      const last = Math.min(ofLeft.length, ofRight.length)
      if (shared < last) expect(ofLeft[last - 1]).not.toBe(ofRight[last - 1])
    }),
  )
})

test('prompts under another salt share none', () => {
  const prompt = Array.from({ length: 64 }, (_, i) => i)
  expect(blocksOf(prompt, 'tenant').filter(hash => blocksOf(prompt, '').includes(hash))).toEqual([])
  expect(blocksOfText({ text: 'Once' }, 'tenant')).not.toEqual(blocksOfText({ text: 'Once' }, ''))
})

test('ids given as a prompt have blocks of their own', () => {
  const tokens = Array.from({ length: 32 }, (_, i) => i)
  expect(blocksOfText({ tokens }, 's')).toEqual(blocksOf(tokens, 's'))
})

test('a chat is known by all of its messages, not by its system prompt alone', () => {
  const chat = (question: string, role: ChatMessage['role'] = 'user') =>
    blocksOfText(
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role, content: question },
        ],
      },
      '',
    )
  expect(chat('Why?')).toHaveLength(1)
  expect(chat('Why?')).toEqual(chat('Why?'))
  expect(chat('Why?')).not.toEqual(chat('How?'))
  expect(chat('Why?')).not.toEqual(chat('Why?', 'assistant'))
})

test('beyond its first 256 tokens or so a text is not looked at', () => {
  const long = 'x'.repeat(1024)
  expect(blocksOfText({ text: `${long}a` }, '')).toEqual(blocksOfText({ text: `${long}b` }, ''))
  expect(blocksOfText({ text: `${long.slice(1)}a` }, '')).not.toEqual(blocksOfText({ text: `${long.slice(1)}b` }, ''))
})
