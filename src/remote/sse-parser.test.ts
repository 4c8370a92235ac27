import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_EVENT_BYTES, SseParser } from './sse-parser.ts'

type Event = readonly [data: string, isError: boolean]

function parse(...chunks: (string | Buffer)[]): Event[] {
  const events: Event[] = []
  const parser = new SseParser((data, isError) => events.push([data, isError]))
  for (const chunk of chunks) parser.push(Buffer.from(chunk))
  parser.end()
  return events
}

const said = (...data: string[]): Event[] => data.map(text => [text, false])

test.each<[string, string, readonly Event[]]>([
  ['plain events', 'data: a\n\ndata: b\n\n', said('a', 'b')],
  ['no space after the colon', 'data:a\n\ndata:  b\n\n', said('a', ' b')],
  ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', said('a', 'b')],
  ['CR alone', 'data: a\r\rdata: b\r\r', said('a', 'b')],
  ['line ends of all kinds', 'data: a\r\n\ndata: b\n\rdata: c\r\r\n', said('a', 'b', 'c')],
  ['a byte order mark', '\ufeffdata: a\n\n', said('a')],
  ['pings', ': ping\n\n:\n\ndata: a\n\n: ping\n\n', said('a')],
  ['a ping within an event', 'data: a\n: ping\ndata: b\n\n', said('a\nb')],
  ['data in several lines', 'data: {\ndata: }\n\n', said('{\n}')],
  ['an empty line of data', 'data\n\ndata:\n\n', said('', '')],
  ['fields of no interest', 'id: 7\nretry: 10\nevent: message\ndata: a\n\nfoo: b\n\n', said('a')],
  ['more empty lines', '\n\n\ndata: a\n\n\n\ndata: b\n\n\n', said('a', 'b')],
  ['an end without an empty line', 'data: a\n\ndata: b\n', said('a', 'b')],
  ['an end without a line end', 'data: a\n\ndata: b', said('a', 'b')],
  [
    'llama.cpp’s former error field',
    'data: a\n\nerror: {"code":500}\n\ndata: b\n\n',
    [
      ['a', false],
      ['{"code":500}', true],
      ['b', false],
    ],
  ],
  [
    'an event of errors',
    'event: error\ndata: a\n\ndata: b\n\n',
    [
      ['a', true],
      ['b', false],
    ],
  ],
  ['colons in the data', 'data: a: b\n\n', said('a: b')],
  ['a separator of lines that is none here', 'data: a\u2028b\u0085c\n\n', said('a\u2028b\u0085c')],
  ['nothing', '', []],
])('%s', (_, text, events) => {
  expect(parse(text)).toEqual(events)
})

test('however the bytes are split, the events are the same', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }).map(text => `data: ${text.replace(/[\r\n]/g, '')}`),
    fc.constantFrom('', ': ping', 'data', 'data:x', 'event: error', 'error: e', 'id: 1', 'data: ä€𝄞'),
  )
  const stream = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 24 })
  fc.assert(
    fc.property(stream, fc.boolean(), fc.array(fc.nat(400), { maxLength: 30 }), (lines, mark, cuts) => {
      const bytes = Buffer.from((mark ? '\ufeff' : '') + lines.flat().join(''))
      const places = [...new Set([0, ...cuts.map(cut => Math.min(cut, bytes.length)), bytes.length])].sort(
        (a, b) => a - b,
      )
      const chunks = places.slice(1).map((place, i) => bytes.subarray(places[i], place))
      expect(parse(...chunks)).toEqual(parse(bytes))
      expect(parse(...Array.from(bytes, byte => Buffer.of(byte)))).toEqual(parse(bytes))
    }),
    { numRuns: 300 },
  )
})

test('a buffer that is written to again after the read changes nothing', () => {
  const events: string[] = []
  const parser = new SseParser(data => events.push(data))
  const buffer = Buffer.from('data: ab')
  parser.push(buffer)
  buffer.fill('x')
  parser.push(Buffer.from('c\n\n'))
  expect(events).toEqual(['abc'])
})

test('what has no end is no event: a line, and lines of one event', () => {
  const part = Buffer.alloc(2 ** 20, 'x')
  const fill = (bytes: Buffer) => {
    const parser = new SseParser(() => undefined)
    for (let sent = 0; sent <= MAX_EVENT_BYTES; sent += bytes.length) parser.push(bytes)
  }
  expect(() => fill(part)).toThrow('the answer holds an event of more than 16777216 bytes')
  const lines = Buffer.concat([Buffer.from('data: '), part, Buffer.from('\n')])
  expect(() => fill(lines)).toThrow('the answer holds an event of more than 16777216 bytes')
})
