import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineOf, readLine } from './result-line.ts'
import { sampleResult } from './testing/sample-result.ts'

const HARD = {
  quotes: 'say "no" \\ and \\"',
  controls: Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join(''),
  'lone surrogates': '\ud800 and \udfff',
  'line ends of Unicode': 'a\u2028b\u2029c\u0085d\r\n\v\f',
  'escapes that are text': '\\u0041 \\n',
  'beyond the first plane': '🂡 𝔸',
}

/** As it was made by hand: quotes, backslashes and newlines alone were escaped, and so were read back. */
function oldLine(text: string): string {
  return `{"text":"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"}\n`
}

test.each(Object.entries(HARD))('old defect 13: %s come back as they were', (_, text) => {
  const line = lineOf(sampleResult(0, { text }))
  expect(JSON.parse(line).text).toBe(text)
  expect(Buffer.from(line).toString()).toBe(line)
  expect(line.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/)).toHaveLength(2)
})

test('old defect 13: what was made by hand was no JSON, or other text', () => {
  const throughDisk = (text: string) => Buffer.from(oldLine(text)).toString()
  expect(() => JSON.parse(throughDisk(HARD.controls))).toThrow()
  expect(JSON.parse(throughDisk(HARD['lone surrogates'])).text).not.toBe(HARD['lone surrogates'])
})

/** Halves of surrogate pairs too. */
const anyUnit = fc.nat(0xffff).map(code => String.fromCharCode(code))

test('whatever the text, a result is one line and comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyUnit }), fc.nat(99), fc.boolean(), (text, index, ok) => {
      const result = sampleResult(index, { text, ok })
      const line = lineOf(result)
      expect(line.indexOf('\n')).toBe(line.length - 1)
      expect(JSON.parse(line)).toEqual(result)
      expect(readLine(line, 100)).toEqual({ index, ok })
    }),
  )
})

test('times are told to a microsecond, and those that are not known not at all', () => {
  const result = sampleResult(0, { latencyMs: 17.96513099999993, waitMs: 0.49949, serviceMs: 1 / 3, postMs: 2 })
  expect(JSON.parse(lineOf(result))).toEqual({ ...result, latencyMs: 17.965, waitMs: 0.499, serviceMs: 0.333 })
})

test.each([
  '',
  '{',
  '7',
  'null',
  '[]',
  '{}',
  '{"index": 0}',
  '{"index": "0", "ok": true}',
  '{"index": 0.5, "ok": true}',
])('%j is no result', text => {
  expect(readLine(text, 1)).toBeUndefined()
})

test.each([-1, 1])('of one job, %d is none', index => {
  expect(readLine(lineOf(sampleResult(index)), 1)).toBeUndefined()
})
