import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WarplineError } from '../errors.ts'
import { createLogger, LOG_LEVELS, type LogFormat, type Logger, type LogLevel, noLogger } from './logger.ts'

const zone = process.env.TZ

beforeEach(() => {
  process.env.TZ = 'UTC'
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 21, 12, 3, 11, 42), toFake: ['Date'] })
})
afterEach(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
  vi.useRealTimers()
})

class KnownError extends WarplineError {
  override readonly code = 'known'
}

function lines(format: LogFormat, log: (logger: Logger) => void, level: LogLevel = 'info'): string[] {
  const written: string[] = []
  log(createLogger({ level, format, write: line => written.push(line) }))
  return written
}

function circle(): object {
  const object: { self?: object } = {}
  object.self = object
  return object
}

const FIELDS: readonly [string, Record<string, unknown>, text: string, json: string][] = [
  [
    'numbers and words stand as they are',
    { n: 1.5, on: true, m: 'a/b' },
    'n=1.5 on=true m=a/b',
    '"n":1.5,"on":true,"m":"a/b"',
  ],
  ['what is undefined is left out', { a: undefined, b: null }, 'b=null', '"b":null'],
  ['spaces are put in quotes', { a: 'b c' }, 'a="b c"', '"a":"b c"'],
  ['and so are equals signs', { a: 'b=c' }, 'a="b=c"', '"a":"b=c"'],
  ['quotes and backslashes are escaped', { a: '"\\' }, String.raw`a="\"\\"`, String.raw`"a":"\"\\"`],
  ['no text is shown as no text', { a: '' }, 'a=""', '"a":""'],
  ['objects are JSON', { a: { b: [1] } }, 'a={"b":[1]}', '"a":{"b":[1]}'],
  ['an object in a circle does no harm', { a: circle() }, 'a=[cannot be shown]', '"a":{"self":"[Circular]"}'],
  ['large integers are shown', { a: 2n ** 64n }, 'a=18446744073709551616', '"a":18446744073709551616'],
  ['a line feed begins no record', { a: 'x\r\ny' }, String.raw`a="x\r\ny"`, String.raw`"a":"x\r\ny"`],
  ['an escape sequence reaches no terminal', { a: '\x1b[2J' }, String.raw`a=\u001b[2J`, String.raw`"a":"\u001b[2J"`],
  ['nor does one of C1', { a: '\x9b2J\x7f' }, String.raw`a=\u009b2J\u007f`, String.raw`"a":"\u009b2J\u007f"`],
  ['text is not reordered', { a: '\u202ex\u2028' }, String.raw`a="\u202ex\u2028"`, String.raw`"a":"\u202ex\u2028"`],
  ['nor within an object', { a: ['\x9b'] }, String.raw`a=["\u009b"]`, String.raw`"a":["\u009b"]`],
  ['letters of all languages stay', { a: 'żółw→龜' }, 'a=żółw→龜', '"a":"żółw→龜"'],
]

describe('a record', () => {
  test.each(FIELDS)('%s', (_, fields, text, json) => {
    expect(lines('text', logger => logger.info(fields, 'done'))).toEqual([`12:03:11.042 info  done ${text}`])
    expect(lines('json', logger => logger.info(fields, 'done'))).toEqual([
      `{"level":"info","time":"2026-11-21T12:03:11.042Z",${json},"msg":"done"}`,
    ])
  })

  test('control characters in a message are escaped, too', () => {
    expect(lines('text', logger => logger.warn({}, 'a\nb\x9b'))).toEqual([
      String.raw`12:03:11.042 warn  a\u000ab\u009b`,
    ])
    const [json] = lines('json', logger => logger.warn({}, 'a\nb\x9b'))
    expect(json).toContain(String.raw`"msg":"a\nb\u009b"`)
  })

  test('percent signs in a message stand for themselves', () => {
    expect(lines('json', logger => logger.info({}, '5 %d %%'))[0]).toContain('"msg":"5 %d %%"')
  })

  test('for people it has local time', () => {
    process.env.TZ = 'Asia/Kolkata'
    expect(lines('text', logger => logger.info({}, 'done'))).toEqual(['17:33:11.042 info  done'])
  })
})

describe('an error', () => {
  const cause = Object.assign(new Error('connect\nrefused'), { code: 'ECONNREFUSED' })

  test('that was thrown on purpose takes one line of text, causes included', () => {
    expect(lines('text', logger => logger.error({ error: new KnownError('no model', { cause }) }, 'loading'))).toEqual([
      String.raw`12:03:11.042 error loading error="KnownError: no model; because of Error: connect\nrefused"`,
    ])
  })

  test('that nobody throws on purpose shows where it came from, in lines that are no records', () => {
    const error = new TypeError('bad\n    at \x1b[2J\n12:00:00.000 info  forged')
    const [text] = lines('text', logger => logger.error({ error }, 'failed'))
    const [first, forged, ...frames] = text!.split('\n')
    expect(first).toBe(
      String.raw`12:03:11.042 error failed error="TypeError: bad\n    at \u001b[2J\n12:00:00.000 info  forged"`,
    )
    expect(forged).toBe(String.raw`    at \u001b[2J`)
    expect(frames[0]).toMatch(/^ {4}at .*logger\.test\.ts/)
    expect(frames.every(frame => frame.startsWith('    at '))).toBe(true)
  })

  test('has its type, message and stack in JSON', () => {
    const [json] = lines('json', logger => logger.error({ error: new KnownError('no model', { cause }) }, 'loading'))
    expect(JSON.parse(json!)).toMatchObject({
      level: 'error',
      error: {
        type: 'KnownError',
        code: 'known',
        message: expect.stringContaining('no model'),
        stack: expect.any(String),
      },
      msg: 'loading',
    })
  })

  test('that is its own cause does no harm', () => {
    const error = new KnownError('round')
    error.cause = error
    expect(lines('text', logger => logger.error({ error }, 'x'))[0]).toContain('because of KnownError: round')
    expect(lines('json', logger => logger.error({ error }, 'x'))).toHaveLength(1)
  })
})

describe.each(['text', 'json'] as const)('as %s', format => {
  test.each(LOG_LEVELS)('from level %s on records are written', level => {
    const written = lines(
      format,
      logger => {
        logger.debug({}, 'debug')
        logger.info({}, 'info')
        logger.warn({}, 'warn')
        logger.error({}, 'error')
      },
      level,
    )
    expect(written.map(line => /debug|info|warn|error/.exec(line)?.[0])).toEqual(
      LOG_LEVELS.slice(LOG_LEVELS.indexOf(level), -1),
    )
  })
})

test.each(['text', 'json'] as const)('as %s, a logger says what it would write', format => {
  const logger = createLogger({ level: 'warn', format, write: () => undefined })
  expect((['debug', 'info', 'warn', 'error'] as const).map(level => logger.isLevelEnabled?.(level))).toEqual([
    false,
    false,
    true,
    true,
  ])
  expect(createLogger({ level: 'silent', format, write: () => undefined }).isLevelEnabled?.('error')).toBe(false)
})

test('a pino logger is a logger, and so is one that does nothing', () => {
  const written: string[] = []
  const loggers: Logger[] = [pino({ base: null, timestamp: false }, { write: line => written.push(line) }), noLogger]
  for (const logger of loggers) logger.info({ a: 1 }, 'done')
  expect(written).toEqual(['{"level":30,"a":1,"msg":"done"}\n'])
})
