import { describe, expect, test } from 'vitest'
import { type Frame, SseParser } from './sse.ts'

function parse(text: string | Uint8Array, size = Number.POSITIVE_INFINITY): Frame[] {
  const bytes = Buffer.from(text)
  const parser = new SseParser()
  const frames: Frame[] = []
  for (let i = 0; i < bytes.length; i += size) frames.push(...parser.push(bytes.subarray(i, i + size)))
  return [...frames, ...parser.end()]
}

describe('events', () => {
  test('are the same wherever the bytes are cut', () => {
    const text =
      ': hello\r\n\r\ndata: {"a":"é日🙂"}\n\ndata:1\rdata: 2\r\revent: error\r\nid: 7\r\ndata: x\r\n\r\ndata: [DONE]\n\n'
    const frames = [{ data: '{"a":"é日🙂"}' }, { data: '1\n2' }, { data: 'x', event: 'error' }, { data: '[DONE]' }]
    for (let size = 1; size < 12; size++) expect(parse(text, size)).toEqual(frames)
    expect(parse(text)).toEqual(frames)
  })

  test('without data are none, and comments are counted', () => {
    const parser = new SseParser()
    expect(parser.push(Buffer.from('event: ping\n\n: one\n:two\n\n\n\n'))).toEqual([])
    expect(parser.end()).toEqual([])
    expect(parser.comments).toBe(2)
  })

  test('keep all but the first space', () => {
    expect(parse('data:  a \n\ndata\n\n')).toEqual([{ data: ' a ' }, { data: '' }])
  })
})

describe('refuses', () => {
  test.each([
    ['a field that readers drop', 'error: {"code":500}\n\n', 'the stream has a field that readers drop: "error"'],
    ['JSON without a field', '{"a":1}\n\n', 'the stream has a field that readers drop: "{\\"a\\""'],
    ['an event without its empty line', 'data: 1\n', 'the stream ends within an event'],
    ['half a line', 'data: 1\n\ndata: [DO', 'the stream ends within an event'],
    ['half a character', Buffer.from([0x3a, 0xe6, 0x97, 0x0a]), 'the stream is not UTF-8'],
    ['a character that never ends', Buffer.from([0x3a, 0xe6]), 'the stream is not UTF-8'],
  ])('%s', (_, text, message) => {
    expect(() => parse(text, 3)).toThrow(message)
  })
})
