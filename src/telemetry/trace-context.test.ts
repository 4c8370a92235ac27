import { expect, test } from 'vitest'
import { childContext, formatTraceparent, newTraceContext, parseTraceparent } from './trace-context.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

test.each([
  ['sampled', `00-${traceId}-${spanId}-01`, true],
  ['not sampled', `00-${traceId}-${spanId}-00`, false],
  ['with flags that are not known', `00-${traceId}-${spanId}-fe`, false],
  ['of a later version', `cc-${traceId}-${spanId}-01`, true],
  ['of a later version that says more', `cc-${traceId}-${spanId}-01-what-the-future\u2028\nis`, true],
])('a traceparent %s is read', (_, header, sampled) => {
  expect(parseTraceparent(header)).toEqual({ traceId, spanId, sampled })
})

test.each([
  ['missing', undefined],
  ['empty', ''],
  ['in capitals', `00-${traceId.toUpperCase()}-${spanId}-01`],
  ['in capitals in its span', `00-${traceId}-${spanId.toUpperCase()}-01`],
  ['of version ff', `ff-${traceId}-${spanId}-01`],
  ['of version 00 that says more', `00-${traceId}-${spanId}-01-more`],
  ['of version 00 that ends in a dash', `00-${traceId}-${spanId}-01-`],
  ['of a later version that says more without a dash', `cc-${traceId}-${spanId}-01more`],
  ['with a line feed at its end', `00-${traceId}-${spanId}-01\n`],
  ['without flags', `00-${traceId}-${spanId}`],
  ['with one digit of flags', `00-${traceId}-${spanId}-1`],
  ['with a trace of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
  ['with a span of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
  ['with a short trace', `00-${traceId.slice(1)}-${spanId}-01`],
  ['with a short span', `00-${traceId}-${spanId.slice(1)}-01`],
  ['with what is no digit', `00-${traceId.replace('f', 'g')}-${spanId}-01`],
  ['with blanks around it', ` 00-${traceId}-${spanId}-01 `],
  ['given twice', `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`],
])('a traceparent %s counts for nothing', (_, header) => expect(parseTraceparent(header)).toBeUndefined())

test('a new trace differs from all others and can be read', () => {
  const contexts = Array.from({ length: 100 }, () => newTraceContext(true))
  expect(new Set(contexts.map(context => context.traceId)).size).toBe(100)
  expect(new Set(contexts.map(context => context.spanId)).size).toBe(100)
  for (const context of contexts) expect(parseTraceparent(formatTraceparent(context))).toEqual(context)
  expect(newTraceContext().sampled).toBe(false)
})

test('a child is another span of the same trace', () => {
  const parent = { traceId, spanId, sampled: true }
  const child = childContext(parent)
  expect(child).toEqual({ traceId, spanId: expect.stringMatching(/^[0-9a-f]{16}$/), sampled: true })
  expect(child.spanId).not.toBe(spanId)
})
