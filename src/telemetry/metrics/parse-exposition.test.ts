import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Histogram } from '../../statistics/index.ts'
import { expose } from './expose.ts'
import { ExpositionError } from './exposition-error.ts'
import type { Family } from './family.ts'
import { parseExposition } from './parse-exposition.ts'

const parse = (text: string) => [...parseExposition(text).values()]

describe('reads', () => {
  test('numbers, with and without labels', () => {
    expect(
      parse(`\
# A comment.
#TYPE is one, too

# HELP a_total Requests.
# TYPE a_total counter
a_total{code="200"} 3
a_total{code="500",} 1.5e3 1700000000000

# TYPE b gauge
 b  +Inf
untold{} NaN
`),
    ).toEqual([
      {
        name: 'a_total',
        type: 'counter',
        help: 'Requests.',
        samples: [
          { labels: { code: '200' }, value: 3 },
          { labels: { code: '500' }, value: 1500 },
        ],
      },
      { name: 'b', type: 'gauge', help: '', samples: [{ value: Number.POSITIVE_INFINITY }] },
      { name: 'untold', type: 'untyped', help: '', samples: [{ value: Number.NaN }] },
    ])
  })

  test('histograms as what they counted', () => {
    const [family] = parse(`\
# TYPE a histogram
a_bucket{kind="x",le="0.5"} 1
a_bucket{kind="x",le="1e+00"} 3
a_bucket{kind="x",le="+Inf"} 3
a_sum{kind="x"} 2.5
a_count{kind="x"} 3
a_count 0
a_sum 0
a_bucket{le="+Inf"} 0
`)
    expect(family!.samples).toEqual([
      { labels: { kind: 'x' }, histogram: { bounds: [0.5, 1], counts: [1, 2, 0], sum: 2.5 } },
      { histogram: { bounds: [], counts: [0], sum: 0 } },
    ])
  })

  test('summaries, which others write', () => {
    const [family] = parse('# TYPE a summary\na{quantile="0.5"} 2\na{quantile="0.99"} NaN\na_sum 7\na_count 3\n')
    expect(family!.samples).toEqual([
      {
        quantiles: [
          { quantile: 0.5, value: 2 },
          { quantile: 0.99, value: Number.NaN },
        ],
        sum: 7,
        count: 3,
      },
    ])
  })

  test('escapes', () => {
    const [family] = parse(String.raw`# HELP a One\\two\n"three"
a{b="x\\\"\n} 1 ,c=",d="${'\u2028'}",__proto__="own"} 1
`)
    expect(family!.help).toBe('One\\two\n"three"')
    const [sample] = family!.samples
    expect(Object.entries(sample!.labels!)).toEqual([
      ['b', 'x\\"\n} 1 ,c='],
      ['d', '\u2028'],
      ['__proto__', 'own'],
    ])
  })

  test('nothing', () => expect(parse('')).toEqual([]))
})

test('what was exposed comes back', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/).filter(name => name !== 'le')
  const labels = fc.dictionary(name, fc.string({ unit: 'grapheme' }), { minKeys: 1, maxKeys: 3, noNullPrototype: true })
  const number = fc.record({ labels, value: fc.double().map(value => value + 0) })
  const histogram = fc
    .tuple(labels, fc.uniqueArray(fc.integer({ min: 1, max: 1e6 })), fc.array(fc.integer({ min: 0, max: 2e6 })))
    .map(([labels, bounds, values]) => {
      const histogram = new Histogram(bounds.sort((a, b) => a - b))
      for (const value of values) histogram.record(value)
      return { labels, histogram: histogram.snapshot() }
    })
  const distinct = { selector: (sample: { labels: object }) => JSON.stringify(Object.entries(sample.labels).sort()) }
  const family = fc.oneof(
    fc.record({ type: fc.constant('counter' as const), samples: fc.uniqueArray(number, distinct) }),
    fc.record({ type: fc.constant('gauge' as const), samples: fc.uniqueArray(number, distinct) }),
    fc.record({ type: fc.constant('histogram' as const), samples: fc.uniqueArray(histogram, distinct) }),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(family, fc.string({ unit: 'grapheme' })), { maxLength: 4 }), given => {
      const families = given.map(([{ type, samples }, help], i) => {
        const name = `family_${i}${type === 'counter' ? '_total' : ''}`
        return { name, type, help: help.trimStart(), samples }
      })
      const exposed: Family[] = families.map(({ samples, ...family }) => ({ ...family, collect: () => samples }))
      expect(parse(expose(exposed))).toEqual(families)
    }),
  )
})

const HISTOGRAM = '# TYPE a histogram\n'

describe('refuses', () => {
  test.each([
    ['line 1: neither a comment nor a sample', 'a\n'],
    ['line 1: neither a comment nor a sample', 'a-b 1\n'],
    ['line 1: neither a comment nor a sample', 'a 1\r\n'],
    ['line 2: neither a comment nor a sample', 'a 1\nb 1 noon\n'],
    ['line 1: neither a comment nor a sample', 'a{b="c" 1\n'],
    ['line 1: the last line does not end with a line feed', 'a 1'],
    ['line 1: nan is no number', 'a nan\n'],
    ['line 1: 0x10 is no number', 'a 0x10\n'],
    ['line 1: Infinity is no number', 'a Infinity\n'],
    ['line 1: constructor is no number', 'a constructor\n'],
    ['line 1: no label is written b=c', 'a{b=c} 1\n'],
    ['line 1: no label is written ,', 'a{,} 1\n'],
    ['line 1: no label is written 1b="c"', 'a{1b="c"} 1\n'],
    [String.raw`line 1: no label is written b="\t"`, 'a{b="\\t"} 1\n'],
    ['line 1: no label is written b="1" c="2"', 'a{b="1" c="2"} 1\n'],
    ['line 1: label b stands twice', 'a{b="1",b="2"} 1\n'],
    ['line 1: TYPE is not followed by what it should be', '# TYPE a\n'],
    ['line 1: TYPE is not followed by what it should be', '# TYPE a-b gauge\n'],
    ['line 1: rate is no type', '# TYPE a rate\n'],
    ['line 1: HELP is not followed by what it should be', '# HELP\n'],
    ['line 1: HELP is not followed by what it should be', '# HELP a \\t\n'],
    ['line 2: a has two HELP lines', '# HELP a x\n# HELP a x\n'],
    ['line 2: a has two TYPE lines', '# TYPE a gauge\n# TYPE a gauge\n'],
    ['line 2: the TYPE of a comes after its first sample', 'a 1\n# TYPE a gauge\n'],
    ['line 3: the lines of a do not stand together', 'a{b="1"} 1\nb 1\na{b="2"} 1\n'],
    ['line 3: the lines of a do not stand together', '# TYPE a gauge\nb 1\n# HELP a x\n'],
    ['line 2: a stands twice with the same labels', 'a{b="1",c="2"} 1\na{c="2",b="1"} 2\n'],
    ['line 2: a_sum has lines named a_sum, too', `a_sum 1\n${HISTOGRAM}`],
    ['line 2: a has lines named a_count, too', `${HISTOGRAM}# TYPE a_count counter\n`],
    ['line 2: a histogram has no line named a', `${HISTOGRAM}a 1\n`],
    ['line 2: the label le is missing', `${HISTOGRAM}a_bucket 1\n`],
    ['line 2: a_sum must not have the label le', `${HISTOGRAM}a_sum{le="1"} 1\n`],
    ['line 2: x is no number', `${HISTOGRAM}a_bucket{le="x"} 1\n`],
    ['line 3: le="1.0" is not above the one before it', `${HISTOGRAM}a_bucket{le="1"} 1\na_bucket{le="1.0"} 1\n`],
    ['line 2: le="NaN" is not above the one before it', `${HISTOGRAM}a_bucket{le="NaN"} 1\n`],
    [
      'line 3: the bucket up to +Inf counts less than the one before it',
      `${HISTOGRAM}a_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\n`,
    ],
    ['line 2: the bucket up to +Inf counts less than the one before it', `${HISTOGRAM}a_bucket{le="+Inf"} -1\n`],
    ['line 4: a has no bucket up to +Inf', `${HISTOGRAM}a_bucket{le="1"} 1\na_sum 1\na_count 1\nb 1\n`],
    ['line 4: a_count is 2, the bucket up to +Inf 1', `${HISTOGRAM}a_bucket{le="+Inf"} 1\na_sum 1\na_count 2\n`],
    ['line 3: a_sum is missing', `${HISTOGRAM}a_bucket{le="+Inf"} 1\na_count 1\n`],
    ['line 3: a_count is missing', '# TYPE a summary\na{quantile="0.5"} 1\na_sum 1\n'],
  ])('%s', (message, text) => {
    expect(() => parseExposition(text)).toThrow(ExpositionError)
    expect(() => parseExposition(text)).toThrow(message)
  })
})

test('long lines and many blanks take no long time', () => {
  const start = performance.now()
  for (const text of [
    `a${' '.repeat(1e5)}\n`,
    `a{${'}'.repeat(1e5)} \n`,
    `a{b="${'\\'.repeat(1e5)}\n`,
    `${' '.repeat(1e5)}{\n`,
  ])
    expect(() => parseExposition(text)).toThrow(ExpositionError)
  expect(performance.now() - start).toBeLessThan(1000)
})
