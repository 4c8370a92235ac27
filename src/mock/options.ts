import type { Clock } from '../clock/index.ts'
import { InvalidTargetError } from '../engine/index.ts'
import type { StallOptions } from './stall.ts'

export interface MockOptions {
  /** From a request's first step to its first token, in ms; waiting for a slot comes before. Default 20. */
  readonly ttftMs?: number
  /** Length of a step, in ms: each running sequence gets one token in it. Default 5. */
  readonly itlMs?: number
  /** What each running sequence adds to a step, in ms. Default 0. */
  readonly perSequenceMs?: number
  /** What a prompt's uncached tokens add to the time to the first token, in tokens per second. Default: nothing. */
  readonly prefillTokensPerSecond?: number
  /** Default 32 000. */
  readonly vocabSize?: number
  /** Tokens, prompt and output together. Default 8192. */
  readonly contextLength?: number
  /** Sequences that run at once; more wait. Default 256. */
  readonly slots?: number
  /** Length of an answer that nothing else ends. Default 64. */
  readonly tokens?: number
  /** Of requests that bring none. Default 0. */
  readonly seed?: number
  /** Whether prompts that begin alike share blocks. Default true. */
  readonly prefixCache?: boolean
  /** What the engine calls itself. Default `mock`. */
  readonly model?: string
  /** How long `openMock` takes, in ms. Default 0. */
  readonly loadMs?: number
  /**
   * `common`: all sequences share their steps, as in a real batch, so that one whose prompt is ready waits for the next.
   * `own`: each has its own, so that each request's times are exactly those that are set. Default `common`.
   */
  readonly steps?: 'common' | 'own'
  /** `timer`: steps come up to 1.2 ms late. `precise`: to some µs where a core is free; see `preciseClock`. Default `timer`. */
  readonly pace?: 'timer' | 'precise'
  /** Once, so long after the first request, nothing happens for so long, in ms. Default: never. */
  readonly stall?: StallOptions
  /** Default: the system's, or what `pace` calls for. */
  readonly clock?: Clock
}

export const MOCK_DEFAULTS = {
  ttftMs: 20,
  itlMs: 5,
  perSequenceMs: 0,
  prefillTokensPerSecond: Number.POSITIVE_INFINITY,
  vocabSize: 32_000,
  contextLength: 8192,
  slots: 256,
  tokens: 64,
  seed: 0,
  prefixCache: true,
  model: 'mock',
  loadMs: 0,
  steps: 'common',
  pace: 'timer',
  stall: { afterMs: Number.POSITIVE_INFINITY, forMs: 0 },
} as const satisfies MockOptions

type Setting = {
  readonly [K in keyof MockOptions]-?: readonly [option: K, parse: (text: string) => MockOptions[K]]
}[keyof MockOptions]

/** What may stand in the URL. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  ttft: ['ttftMs', duration],
  itl: ['itlMs', duration],
  perseq: ['perSequenceMs', duration],
  prefill: ['prefillTokensPerSecond', rate],
  vocab: ['vocabSize', count(1, 2 ** 24)],
  context: ['contextLength', count(2, 2 ** 24)],
  slots: ['slots', count(1, 2 ** 20)],
  tokens: ['tokens', count(1, 2 ** 24)],
  seed: ['seed', count(0, Number.MAX_SAFE_INTEGER)],
  cache: ['prefixCache', onOff],
  model: ['model', text => text],
  load: ['loadMs', duration],
  steps: ['steps', oneOf('common', 'own')],
  pace: ['pace', oneOf('timer', 'precise')],
  stall: ['stall', stallOf],
}

/**
 * The options that a `mock:` URL stands for.
 *
 * @throws InvalidTargetError
 *
 * @example
 * parseMockUrl('mock:?ttft=20ms&itl=500us&slots=8') // { ttftMs: 20, itlMs: 0.5, slots: 8 }
 */
export function parseMockUrl(url: string): MockOptions {
  const query = /^mock:(?:\?(.*))?$/s.exec(url)
  if (!query) throw new InvalidTargetError(`${url} is no mock target: write mock: or mock:?ttft=20ms&itl=5ms`)
  const options: Record<string, unknown> = {}
  for (const [key, text] of new URLSearchParams(query[1] ?? '')) {
    const setting = Object.hasOwn(SETTINGS, key) ? SETTINGS[key] : undefined
    if (!setting)
      throw new InvalidTargetError(`mock: has no setting ${key}; known are ${Object.keys(SETTINGS).join(', ')}`)
    const [option, parse] = setting
    if (option in options) throw new InvalidTargetError(`mock: ${key} is given twice`)
    try {
      options[option] = parse(text)
    } catch (error) {
      throw new InvalidTargetError(`mock: ${key}=${text}: ${(error as Error).message}`)
    }
  }
  return options
}

const UNITS_MS: Readonly<Record<string, number>> = { us: 1e-3, µs: 1e-3, ms: 1, s: 1000 }

function duration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(us|µs|ms|s)$/.exec(text) ?? []
  if (!unit) throw new Error('give a number with a unit: us, ms or s')
  const ms = Number(number) * UNITS_MS[unit]!
  if (ms > 3_600_000) throw new Error('more than an hour')
  return ms
}

function rate(text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?)(?:tok\/s)?$/.exec(text) ?? []
  if (!(Number(number) > 0)) throw new Error('give tokens per second, e.g. 8000tok/s')
  return Number(number)
}

function count(min: number, max: number): (text: string) => number {
  return text => {
    const number = Number(text)
    if (!/^\d+$/.test(text) || number < min || number > max)
      throw new Error(`give a whole number from ${min} to ${max}`)
    return number
  }
}

function oneOf<Word extends string>(...words: readonly Word[]): (text: string) => Word {
  return text => {
    const word = words.find(word => word === text)
    if (word === undefined) throw new Error(`give ${words.join(' or ')}`)
    return word
  }
}

/** `2s@10s`: for two seconds, ten after the first request. */
function stallOf(text: string): StallOptions {
  const [, length, moment] = /^([^@]+)@([^@]+)$/.exec(text) ?? []
  if (length === undefined || moment === undefined) throw new Error('give how long and when, e.g. 2s@10s')
  return { afterMs: duration(moment), forMs: duration(length) }
}

function onOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new Error('give on or off')
  return text === 'on'
}
