import type { ExpositionType, Labels } from './family.ts'

/** What one line of an exposition says. */
export type ExpositionLine =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'help'; readonly name: string; readonly help: string }
  | { readonly kind: 'type'; readonly name: string; readonly type: ExpositionType }
  | SampleLine

export interface SampleLine {
  readonly kind: 'sample'
  readonly name: string
  readonly labels: Labels
  readonly value: number
}

const TYPES: readonly string[] = ['counter', 'gauge', 'histogram', 'summary', 'untyped'] satisfies ExpositionType[]

const HELP = /^#[ \t]+HELP[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)(?:[ \t]+([^\\]*(?:\\[\\n][^\\]*)*))?$/
const TYPE = /^#[ \t]+TYPE[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]+(\S+)[ \t]*$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*(?:\{(.*)\}[ \t]*|[ \t])(\S+)(?:[ \t]+-?\d+)?[ \t]*$/s
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"([^"\\]*(?:\\[\\"n][^"\\]*)*)"[ \t]*(?:,[ \t]*|$)/y
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

const WORDS: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['+Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
])

/** A sample's time is checked and left out. Throws an Error that names the cause. */
export function parseLine(text: string): ExpositionLine {
  const line = text.replace(/^[ \t]+/, '')
  if (line === '') return { kind: 'nothing' }
  if (line.startsWith('#')) return parseComment(line)
  const [, name, labels, value] = SAMPLE.exec(line) ?? []
  if (name === undefined || value === undefined) throw new Error('neither a comment nor a sample')
  return { kind: 'sample', name, labels: parseLabels(labels ?? ''), value: parseNumber(value) }
}

export function parseNumber(text: string): number {
  if (NUMBER.test(text)) return Number(text)
  const value = WORDS.get(text)
  if (value === undefined) throw new Error(`${text} is no number`)
  return value
}

function parseComment(line: string): ExpositionLine {
  const keyword = /^#[ \t]+(HELP|TYPE)(?:[ \t]|$)/.exec(line)?.[1]
  if (!keyword) return { kind: 'nothing' }
  const [, name, rest = ''] = (keyword === 'HELP' ? HELP : TYPE).exec(line) ?? []
  if (name === undefined) throw new Error(`${keyword} is not followed by what it should be`)
  if (keyword === 'HELP') return { kind: 'help', name, help: unescaped(rest) }
  if (!TYPES.includes(rest)) throw new Error(`${rest} is no type`)
  return { kind: 'type', name, type: rest as ExpositionType }
}

function parseLabels(text: string): Labels {
  const labels = new Map<string, string>()
  LABEL.lastIndex = 0
  for (let at = 0; at < text.length; at = LABEL.lastIndex) {
    const [, name, value] = LABEL.exec(text) ?? []
    if (name === undefined) throw new Error(`no label is written ${text.slice(at, at + 40)}`)
    if (labels.has(name)) throw new Error(`label ${name} stands twice`)
    labels.set(name, unescaped(value!))
  }
  return Object.fromEntries(labels)
}

function unescaped(text: string): string {
  return text.replace(/\\./g, pair => (pair === '\\n' ? '\n' : pair[1]!))
}
