import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MockServer, serveMock } from '../../../test/serve-mock.ts'
import type { Options } from '../check.ts'
import { chosen } from '../chosen.ts'
import { type Result, runChecks } from '../run-checks.ts'
import { type Spoiling, spoiledServer } from '../testing/spoiled-server.ts'
import { CHECKS } from './index.ts'

let mock: MockServer
beforeAll(async () => {
  mock = await serveMock({ ttftMs: 1, itlMs: 1, contextLength: 512 })
})
afterAll(() => mock[Symbol.asyncDispose]())

const OPTIONS: Options = { model: 'mock', only: [], timeout: 10, strict: true, fuzz: 0.3, seed: 1 }

const FAULTY = `${process.execPath} ${fileURLToPath(new URL('../testing/faulty-server.mjs', import.meta.url))} {port}`

async function run(
  id: string,
  spoiling: Spoiling,
  options: Partial<Options> = {},
  right: MockServer = mock,
): Promise<Result> {
  await using server = await spoiledServer(right.server.url, spoiling)
  const [result] = await runChecks(chosen(CHECKS, [id]), { ...OPTIONS, url: server.url, ...options }, () => {})
  return result!
}

/** Counts up, for faults that differ from one answer to the next. */
function counter(): () => number {
  let count = 0
  return () => count++
}

const inText = (change: (text: string) => string): Spoiling => ({
  answered: answer => {
    answer.text = change(answer.text)
  },
})

const inStream = (change: (text: string) => string): Spoiling =>
  inText(text => (text.startsWith('data:') ? change(text) : text))

const inStatus = (from: number, to: number): Spoiling => ({
  answered: answer => {
    if (answer.status === from) answer.status = to
  },
})

const inHeader = (name: string, value: string | undefined): Spoiling => ({
  answered: answer => {
    answer.headers[name] = value
  },
})

const inField = (field: string, change: (value: unknown) => unknown): Spoiling => ({
  asked: ({ body }) => {
    if (body) body[field] = change(body[field])
  },
})

/** Each check that can be asked of a server from outside, and a fault that it must find. */
const FAULTS: readonly (readonly [id: string, fault: string, () => Spoiling, complaint: RegExp])[] = [
  [
    'health.ready',
    'another word',
    () => inText(text => text.replace('"ok"', '"fine"')),
    /^status in the body: expected "ok", got "fine"$/,
  ],
  [
    'models.list',
    'no owner',
    () => inText(text => text.replace('"owned_by"', '"owner"')),
    /^the list: data\.0\.owned_by: /,
  ],
  [
    'models.one',
    'another than was asked for',
    () => inText(text => text.replace('"id":"mock"', '"id":"other"')),
    /^id: expected "mock", got "other"$/,
  ],
  [
    'errors.broken-json',
    'a fault of the server’s',
    () => inStatus(400, 500),
    /^expected 400, got 500: the body is not valid JSON$/,
  ],
  [
    'errors.path',
    'a page',
    () => inText(text => (text.includes('not_found') ? '<h1>Not found</h1>' : text)),
    /^expected JSON, got status 404 with "<h1>/,
  ],
  ['errors.no-role', 'no code', () => inText(text => text.replace('"code"', '"kode"')), /^the error has no code$/],
  ['errors.method', 'no Allow', () => inHeader('allow', undefined), /^no Allow header$/],
  ['errors.content-type', 'any type will do', () => inStatus(415, 200), /^200: it is answered all the same$/],
  [
    'errors.unknown-field',
    'a change of mind',
    () => ({ asked: ({ body }) => void (body && 'x_unknown' in body && Object.assign(body, { temperature: 1 })) }),
    /^the text: expected "/,
  ],
  [
    'context.whole',
    'the prompt is cut',
    () =>
      inField('messages', value =>
        (value as { content: string }[]).map(one => ({ ...one, content: one.content.slice(0, 99) })),
      ),
    /expected 400, got 200: the prompt was cut/,
  ],
  [
    'context.output',
    'more than the context holds',
    () => inText(text => text.replace(/"total_tokens":\d+/, '"total_tokens":9999')),
    /^expected at most 512 tokens in all, got 9999$/,
  ],
  [
    'streaming.chat',
    'no end',
    () => inStream(text => text.replace('data: [DONE]\n\n', '')),
    /^the last event: expected "\[DONE\]"/,
  ],
  [
    'streaming.chat',
    'a lost word',
    () => inStream(text => text.replace(/"content":" \w+"/, '"content":""')),
    /^the text: expected /,
  ],
  ['streaming.chat', 'half an event', () => inStream(text => text.slice(0, -1)), /^the stream ends within an event$/],
  [
    'streaming.completion',
    'a lost word',
    () => inStream(text => text.replace(/"text":" \w+"/, '"text":""')),
    /^the text: expected /,
  ],
  [
    'streaming.pieces',
    'another type',
    () => inHeader('content-type', 'text/plain'),
    /^expected Content-Type text\/event-stream, got text\/plain$/,
  ],
  [
    'streaming.one-id',
    'an id for each chunk',
    () => {
      const next = counter()
      return inStream(text => text.replaceAll(/"id":"[^"]*"/g, () => `"id":"chatcmpl-${next()}"`))
    },
    /^expected one id, got chatcmpl-0, chatcmpl-1, chatcmpl-2$/,
  ],
  [
    'streaming.role',
    'the role again',
    () => inStream(text => text.replaceAll('"delta":{"content"', '"delta":{"role":"assistant","content"')),
    /^\d+ later deltas have a role, too$/,
  ],
  [
    'streaming.finish',
    'the finish reason at once',
    () => inStream(text => text.replaceAll('"finish_reason":null', '"finish_reason":"length"')),
    /^expected one finish reason, got \d+$/,
  ],
  [
    'streaming.choices',
    'choices mixed up',
    () => inStream(text => text.replaceAll(/"index":(\d)/g, (_, index: string) => `"index":${1 - Number(index)}`)),
    /^the text of choice 0: expected /,
  ],
  [
    'usage.chat',
    'one token more',
    () => inStream(text => text.replace(/"completion_tokens":\d+/, '"completion_tokens":7')),
    /^prompt, completion and total tokens: expected /,
  ],
  [
    'usage.completion',
    'none at all',
    () => inField('stream_options', () => undefined),
    /^choices of the last chunk: expected \[\], got \[\{/,
  ],
  [
    'usage.absent',
    'one that nobody asked for',
    () => ({
      asked: ({ body }) => void (body?.stream && Object.assign(body, { stream_options: { include_usage: true } })),
    }),
    /^a chunk has no choices, with \{\}$/,
  ],
  ['stop.split', 'none is known', () => inField('stop', () => undefined), /^whole, stopped at ".*: expected /],
  [
    'stop.partial',
    'half is enough',
    () => inField('stop', stop => (stop ? String((stop as string[])[0]).slice(0, 3) : stop)),
    /^whole: expected /,
  ],
  [
    'stop.list',
    'the last alone counts',
    () => inField('stop', stop => (stop as string[] | undefined)?.slice(-1)),
    /^whole: expected /,
  ],
  [
    'stop.special',
    'the end token',
    () => inText(text => text.replace(/"content":"/, '"content":"<|end|>')),
    /^the text shows <\|end\|>$/,
  ],
  [
    'logprobs.tokens',
    'a token without its space',
    () => inText(text => text.replaceAll('"token":" ', '"token":"')),
    /^the tokens: expected /,
  ],
  [
    'logprobs.top',
    'one too few',
    () => inField('top_logprobs', () => 2),
    /^how many stand beside .*: expected 3, got 2$/,
  ],
  [
    'logprobs.stream',
    'others',
    () => inStream(text => text.replace(/"logprob":-[\d.e-]+/, '"logprob":-9')),
    /^the log-probabilities differ by up to /,
  ],
  [
    'logprobs.completion',
    'offsets that stand still',
    () => inText(text => text.replace(/"text_offset":\[[^\]]*\]/, m => m.replaceAll(/\d+/g, '0'))),
    /^where ".*" begins: expected 0, got \d+$|begins: expected \d+, got 0$/,
  ],
  ['logprobs.absent', 'always', () => inField('logprobs', () => true), /^logprobs: expected null, got \{/],
  [
    'seeds.same',
    'none is known',
    () => {
      const next = counter()
      return inField('seed', next)
    },
    /^seed 1: expected /,
  ],
  ['seeds.different', 'one for all', () => inField('seed', () => 3), /^four seeds gave one text$/],
  [
    'seeds.n',
    'one told thrice',
    () => {
      const content = /"content":"[^"]*"/g
      return inText(text => text.replaceAll(content, text.match(content)?.[0] ?? ''))
    },
    /^all choices say the same$/,
  ],
  [
    'batch.same',
    'another text once',
    () => {
      const next = counter()
      return inText(text => (next() === 20 ? text.replace('"content":"', '"content":"oh') : text))
    },
    /^1 of \d+ at once say something else than alone$/,
  ],
  [
    'cache.same',
    'nearly the same',
    () => {
      const next = counter()
      return inText(text => (next() === 1 ? text.replace(/"logprob":-[\d.]+/, logprob => logprob.slice(0, -5)) : text))
    },
    /^they differ by up to \d/,
  ],
  [
    'cache.counted',
    'the first time, too',
    () => inText(text => text.replace(/"cached_tokens":\d+/, '"cached_tokens":77')),
    /^expected about 0 of a new prompt, got 77 of \d+$/,
  ],
  [
    'limits.one',
    'one more',
    () => inField('max_tokens', value => Number(value) + 1),
    /^tokens and finish_reason: expected \[1,"length"\], got \[2,"length"\]$/,
  ],
  ['limits.zero', 'one at least', () => inField('max_tokens', value => value || 1), /^there is one token$/],
  [
    'limits.newer-name',
    'not known',
    () => inField('max_completion_tokens', () => undefined),
    /^completion_tokens: expected 3, got \d+$/,
  ],
  [
    'limits.ignore-eos',
    'not known',
    () => inField('max_tokens', () => 30),
    /^tokens and finish_reason: expected \[60,"length"\]/,
  ],
  ['overload.deadline', 'a code of its own', () => inStatus(504, 500), /^expected 504, got 500/],
  ['limits.n-predict', 'one at least', () => inField('n_predict', value => value || 1), /^n_predict of 0 gave " \w+"$/],
  [
    'metrics.format',
    'families without a type',
    () => inText(text => text.replaceAll(/^# TYPE .*\n/gm, '')),
    /has no type$|has no line|\/metrics, line \d+: /,
  ],
  [
    'metrics.monotone',
    'a counter that stands still',
    () => inText(text => text.replace(/^(vllm:generation_tokens_total\S*) .*$/m, '$1 7')),
    /^generated tokens: expected 72, got 0$/,
  ],
  [
    'metrics.histogram',
    'readings of yesterday',
    () => {
      let first: string | undefined
      return inText(text => {
        if (!text.startsWith('# ')) return text
        first ??= text
        return first
      })
    },
    /^new requests in the histogram: expected 3, got 0$/,
  ],
  [
    'clients.whole',
    'no usage',
    () => inText(text => text.replace('"usage"', '"use"')),
    /^the chat has no answer or no usage$/,
  ],
  [
    'clients.stream',
    'no role',
    () => inStream(text => text.replace('"role":"assistant",', '')),
    /missing role for choice 0$/,
  ],
  ['clients.errors', 'another status', () => inStatus(400, 422), /^expected a BadRequestError, got Error: 422/],
  [
    'fuzz.requests',
    'a fault of the server’s for what is wrong',
    () => inStatus(400, 500),
    /^\d+ faults; request \d+ of seed 1 \(.*\): status 500: /,
  ],
]

describe('a fault is found', () => {
  test.each(FAULTS)('%s: %s', async (id, _, spoiling, complaint) => {
    const { outcome, detail } = await run(id, spoiling())
    expect(detail).toMatch(complaint)
    expect(outcome).toBe('failed')
  })

  // Who stands between does not say that the client has left.
  test.each(['abort.stream', 'abort.whole'])('%s: nobody is told', async id => {
    await using slow = await serveMock({ itlMs: 5, contextLength: 512 })
    const { outcome, detail } = await run(id, {}, {}, slow)
    expect([outcome, detail]).toEqual(['failed', '1000 ms after its client left, the request still runs'])
  })

  test.each([
    ['health.loading', 'a fault of the server’s', /^expected 503, got 500: no$/],
    ['overload.refused', 'no Retry-After', /^Retry-After is undefined$/],
    ['drain.stream', 'cut at once', /^the stream was cut after \d+ events$/],
    ['drain.idle', 'another exit code', /^the exit code \(code 3\): expected 0, got 3$/],
  ])('%s: %s', async (id, _, complaint) => {
    const [result] = await runChecks(chosen(CHECKS, [id]), { ...OPTIONS, spawn: FAULTY }, () => {})
    expect(result?.detail).toMatch(complaint)
    expect(result?.outcome).toBe('failed')
  })

  test('auth.required: anybody is let in', async () => {
    const { outcome, detail } = await run('auth.required', {}, { key: 'a-key-that-is-never-asked-for' })
    expect([outcome, detail]).toEqual(['failed', expect.stringMatching(/^expected 401, got 200/)])
  })
})

test('none is found where there is none', async () => {
  await using server = await spoiledServer(mock.server.url, {})
  const ids = new Set(FAULTS.map(([id]) => id))
  const checks = CHECKS.filter(({ id }) => ids.has(id))
  const results = await runChecks(checks, { ...OPTIONS, url: server.url }, () => {})
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
})
