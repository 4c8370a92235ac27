import { expect, test } from 'vitest'
import { Histogram } from '../../statistics/index.ts'
import { expose } from './expose.ts'
import type { Family, Sample } from './family.ts'

function family(type: Family['type'], name: string, samples: Iterable<Sample>, help = 'Help.'): Family {
  return { name, help, type, collect: () => samples }
}

test('counters and gauges take a line for each set of labels', () => {
  const text = expose([
    family('counter', 'a_total', [{ value: 3 }]),
    family('gauge', 'b', [
      { labels: { model: 'ember', kind: 'x' }, value: 0.5 },
      { labels: {}, value: -0 },
    ]),
    family('gauge', 'nothing_yet', []),
  ])
  expect(text).toBe(`\
# HELP a_total Help.
# TYPE a_total counter
a_total 3
# HELP b Help.
# TYPE b gauge
b{model="ember",kind="x"} 0.5
b 0
# HELP nothing_yet Help.
# TYPE nothing_yet gauge
`)
})

test('buckets count what all smaller ones hold, too', () => {
  const histogram = new Histogram([1, 2.5])
  for (const value of [0, 1, 2, 7]) histogram.record(value)
  const text = expose([
    family('histogram', 'a', [
      { histogram: histogram.snapshot() },
      { labels: { kind: 'x' }, histogram: { bounds: [], counts: [2], sum: 9 } },
    ]),
  ])
  expect(text).toBe(`\
# HELP a Help.
# TYPE a histogram
a_bucket{le="1"} 2
a_bucket{le="2.5"} 3
a_bucket{le="+Inf"} 4
a_sum 10
a_count 4
a_bucket{kind="x",le="+Inf"} 2
a_sum{kind="x"} 9
a_count{kind="x"} 2
`)
})

test('a scale turns ms into seconds, and the noise of binary fractions does not show', () => {
  const snapshot = { bounds: [1.8, 5600], counts: [1, 1, 0], sum: 2000 }
  expect(expose([family('histogram', 'a_seconds', [{ histogram: snapshot, scale: 1e-3 }])])).toContain(`
a_seconds_bucket{le="0.0018"} 1
a_seconds_bucket{le="5.6"} 2
a_seconds_bucket{le="+Inf"} 2
a_seconds_sum 2
a_seconds_count 2
`)
})

test('a histogram may be named as vLLM names one of its', () => {
  const [sample] = histogram
  expect(expose([family('histogram', 'tokens_total', [sample!])])).toContain('\ntokens_total_count 1\n')
})

test('what would end a line, a value or a help text is escaped', () => {
  const text = expose([family('gauge', 'a', [{ labels: { b: 'x\\"\n}' }, value: 1 }], 'One\\two\n"three"')])
  expect(text).toBe(String.raw`# HELP a One\\two\n"three"
# TYPE a gauge
a{b="x\\\"\n}"} 1
`)
})

test.each([
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [1e21, '1e+21'],
  [5e-324, '5e-324'],
])('%s is spelled %s', (value, spelled) => {
  expect(expose([family('gauge', 'a', [{ value }])])).toMatch(new RegExp(`^a ${spelled.replace('+', '\\+')}$`, 'm'))
})

test('a family may be an object with a state of its own', () => {
  class Own implements Family {
    readonly name = 'a'
    readonly help = 'Help.'
    readonly type = 'gauge'
    value = 7
    collect = function* (this: Own) {
      yield { value: this.value }
    }
  }
  expect(expose([new Own()])).toContain('\na 7\n')
})

const number = [{ value: 1 }]
const histogram = [{ histogram: { bounds: [], counts: [1], sum: 1 } }]

test.each<[string, Family[]]>([
  ['"a-b" is no name for a metric', [family('gauge', 'a-b', number)]],
  ['"" is no name for a metric', [family('gauge', '', number)]],
  ['"1a" is no name for a metric', [family('gauge', '1a', number)]],
  ['a is a counter: the names of counters, and only theirs, end in _total', [family('counter', 'a', number)]],
  ['a_total is a gauge: the names of counters, and only theirs, end in _total', [family('gauge', 'a_total', number)]],
  ['two families have lines named a', [family('gauge', 'a', number), family('gauge', 'a', number)]],
  ['two families have lines named a_sum', [family('histogram', 'a', histogram), family('gauge', 'a_sum', number)]],
  ['two families have lines named a_count', [family('gauge', 'a_count', number), family('histogram', 'a', histogram)]],
  ['a is a gauge, but a sample of it is a histogram', [family('gauge', 'a', histogram)]],
  ['a is a histogram, but a sample of it is a number', [family('histogram', 'a', number)]],
  ['a: "b-c" is no name for a label', [family('gauge', 'a', [{ labels: { 'b-c': '' }, value: 1 }])]],
  ['a: "__b" is no name for a label', [family('gauge', 'a', [{ labels: { __b: '' }, value: 1 }])]],
  [
    "a: le is the label of a histogram's bounds",
    [family('histogram', 'a', [{ ...histogram[0]!, labels: { le: '1' } }])],
  ],
])('%s', (message, families) => {
  expect(() => expose(families)).toThrow(new Error(message))
})
