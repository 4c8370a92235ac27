import type { LengthSpec, Objective, RunExtent } from '../../bench/index.ts'
import { duration, type ValueType } from '../value-types.ts'

const MOST_TOKENS = 2 ** 24

/** A length in tokens that is drawn for each request, e.g. `512`, `100-500`, `normal:512,64`, `normal:512,64,16,1024`. */
export const lengths: ValueType<LengthSpec> = {
  expects: 'tokens such as 512, 100-500 or normal:512,64 (mean, deviation)',
  read: raw => {
    const text = String(raw)
    const [min, max] = whole(/^(\d+)(?:-(\d+))?$/.exec(text))
    if (min !== undefined && max === undefined) return min > 0 ? { kind: 'fixed', tokens: min } : undefined
    if (min !== undefined && max !== undefined) return min > 0 && min <= max ? { kind: 'uniform', min, max } : undefined
    const [mean, deviation, least, most] = whole(/^normal:(\d+),(\d+)(?:,(\d+),(\d+))?$/.exec(text))
    if (mean === undefined || deviation === undefined || mean === 0) return
    if (least === undefined || most === undefined) return { kind: 'normal', mean, deviation }
    const holds = least > 0 && least <= mean && mean <= most
    return holds ? { kind: 'normal', mean, deviation, min: least, max: most } : undefined
  },
}

/** Nothing where one of them is too large. */
function whole(match: RegExpExecArray | null): readonly (number | undefined)[] {
  const numbers = (match ?? []).slice(1).map(digits => (digits === undefined ? undefined : Number(digits)))
  return numbers.some(number => number !== undefined && number > MOST_TOKENS) ? [] : numbers
}

/** How much of a run: requests, or seconds, e.g. `20`, `2s`. */
export const runExtent: ValueType<RunExtent> = {
  expects: 'a number of requests such as 20, or a duration such as 5s',
  read: raw => {
    if (/^\d{1,9}$/.test(String(raw))) return { requests: Number(raw) }
    const seconds = duration.read(raw)
    return seconds === undefined ? undefined : { seconds }
  },
}

const MEASURES = ['ttft', 'tpot', 'itl', 'gap', 'e2e'] as const

/** e.g. `ttft<200ms,itl<30ms`: what a request must keep to be good. */
export const objectives: ValueType<readonly Objective[]> = {
  expects: `bounds such as ttft<200ms,itl<30ms (of ${MEASURES.join(', ')}; ms, s or m)`,
  read: raw => {
    const bounds = String(raw).split(',').map(boundOf)
    const named = bounds.map(bound => bound?.measure)
    return new Set(named).size < named.length || named.includes(undefined) ? undefined : (bounds as Objective[])
  },
}

function boundOf(text: string): Objective | undefined {
  const [, name, bound = ''] = /^\s*(\w+)\s*<=?\s*(\S+)\s*$/.exec(text) ?? []
  const measure = MEASURES.find(each => each === name)
  // A bound without a unit could be ms or s: it is not guessed.
  const seconds = /[a-z]$/.test(bound) ? duration.read(bound) : undefined
  return measure === undefined || seconds === undefined
    ? undefined
    : { measure, belowMs: Math.round(seconds * 1e6) / 1000 }
}

/** A part of a whole, e.g. `95%` or `0.95`, as 0.95. */
export const proportion: ValueType<number> = {
  expects: 'a share such as 95%',
  read: raw => {
    const [, digits, percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(String(raw)) ?? []
    const value = Number(digits) / (percent ? 100 : 1)
    return value > 0 && value <= 1 ? value : undefined
  },
}
