import { describe, expect, test } from 'vitest'
import {
  type Collected,
  collect,
  type Engine,
  type Event,
  type GenerateOptions,
  type GenerateRequest,
  InternalError,
  InvalidRequestError,
  type SamplingParams,
  UNKNOWN_TOKEN,
} from '../../engine/index.ts'
import { expectIdle, FAULTS, type Fault, failing, fleet, reference, TOKENS, wrap } from './testing.ts'

const PHASES = { 'before its start': 0, 'after its start': 1, 'in mid-answer': 4, 'at its end': TOKENS + 1 } as const
type Phase = keyof typeof PHASES

const KINDS: Readonly<Record<string, SamplingParams>> = {
  greedy: { temperature: 0 },
  seeded: { temperature: 1, seed: 7 },
  free: { temperature: 1 },
}

const cases = Object.keys(FAULTS).flatMap(fault =>
  Object.keys(PHASES).flatMap(phase => Object.keys(KINDS).map(kind => [fault, phase, kind] as [Fault, Phase, string])),
)

describe('an engine fails', () => {
  test.each(cases)('%s %s, %s: the client has one whole answer, or one error', async (fault, phase, kind) => {
    const made = await fleet(mock => [failing(mock(), PHASES[phase], fault), mock()])
    const { answer, events } = await made.ask(KINDS[kind]!)
    const isLost = kind === 'free' && PHASES[phase] > 1
    if (isLost) expect(answer).toMatchObject({ code: 'unreachable', message: /^the answer broke off: / })
    else {
      const { start, choices, done } = answer as Collected
      expect(start.served).toMatchObject({ upstream: phase === 'before its start' ? 'e1' : 'e0' })
      expect(done.usage).toEqual({ promptTokens: start.promptTokens, cachedTokens: 0, completionTokens: TOKENS })
      expect(done.choices).toEqual([{ finishReason: 'length', completionTokens: TOKENS }])
      if (kind !== 'free') expect(choices).toEqual((await reference(KINDS[kind]!)).choices)
      const { queuedMs, prefillMs, decodeMs } = done.timings
      expect(queuedMs + prefillMs + decodeMs).toBeLessThan(2000)
      expect(made.families('retries_total')).toHaveLength(PHASES[phase] > 1 ? 0 : 1)
    }
    expect(events.filter(({ type }) => type === 'start')).toHaveLength(PHASES[phase] === 0 && isLost ? 0 : 1)
    await expectIdle(made)
  })

  test.each(['greedy', 'seeded'])('one token after the other, %s: each engine adds what it can', async kind => {
    const made = await fleet(mock => [2, 3, 4].map(after => failing(mock(), after, 'unreachable')).concat(mock()))
    const { answer } = await made.ask(KINDS[kind]!)
    expect((answer as Collected).choices).toEqual((await reference(KINDS[kind]!)).choices)
    expect(made.families('failovers_total')).toEqual([{ labels: { how: 'continue' }, value: 3 }])
    await expectIdle(made)
  })

  test('two that break again and again, each a token later: the answer is whole in the end', async () => {
    const made = await fleet(mock => [failing(mock(), 2, 'internal'), failing(mock(), 2, 'unreachable')], {
      breaker: { failures: 100 },
    })
    const { answer } = await made.ask(KINDS.greedy!)
    expect((answer as Collected).choices).toEqual((await reference(KINDS.greedy!)).choices)
    await expectIdle(made)
  })

  test('a lone one that breaks again and again is asked for the rest each time', async () => {
    const made = await fleet(mock => [failing(mock(), 3, 'unreachable')], { breaker: { failures: 100 } })
    const { answer } = await made.ask(KINDS.greedy!)
    expect((answer as Collected).choices).toEqual((await reference(KINDS.greedy!)).choices)
    await expectIdle(made)
    // But not one that was waited for in vain.
    const silent = await fleet(mock => [failing(mock(), 3, 'silence')])
    expect((await silent.ask(KINDS.greedy!)).answer).toMatchObject({
      code: 'unreachable',
      message: /^the answer broke off: e0 was silent for \d+ ms$/,
    })
    expect(silent.router.upstreams()[0]!.requests).toBe(1)
  })

  test('one that fell silent is not asked again, but one that broke before it is', async () => {
    const made = await fleet(mock => [failing(mock(), 3, 'internal'), failing(mock(), 3, 'silence')])
    const { answer } = await made.ask({ ...KINDS.greedy, maxTokens: 6 })
    expect((answer as Collected).choices).toEqual((await reference({ ...KINDS.greedy, maxTokens: 6 })).choices)
    expect(made.router.upstreams().map(({ requests }) => requests)).toEqual([2, 1])
    await expectIdle(made)
  })

  test('who is given up is told, and who goes on is asked for the rest alone', async () => {
    const asked: GenerateRequest[] = []
    const signals: (AbortSignal | undefined)[] = []
    const made = await fleet(mock =>
      [failing(mock(), 4, 'silence'), mock()].map(engine =>
        wrap(engine, {
          generate: (request, options = {}) => {
            asked.push(request)
            signals.push(options.signal)
            return engine.generate(request, options)
          },
        }),
      ),
    )
    const sampling = { ...KINDS.greedy, minTokens: 5, maxTokens: TOKENS }
    const { answer } = await made.ask(sampling, { input: { tokens: [7, 8] }, timeline: true })
    expect(signals.map(signal => signal?.aborted)).toEqual([true, false])
    const { ids } = (answer as Collected).choices[0]!
    expect(asked[1]).toEqual({
      input: { tokens: [7, 8, ...ids.slice(0, 3)] },
      sampling: { temperature: 0, minTokens: 2, maxTokens: TOKENS - 3 },
    })
  })

  test('before the first token, a closed engine is one that cannot be reached: the router is open', async () => {
    const made = await fleet(mock => [failing(mock(), 0, 'closed')])
    expect((await made.ask(KINDS.greedy!)).answer).toMatchObject({
      code: 'unreachable',
      message: 'e0: the engine is closed',
    })
  })

  test('what the second half is refused for is not the client’s fault', async () => {
    const refuse = () => {
      throw new InvalidRequestError('no such field')
    }
    const made = await fleet(mock => [failing(mock(), 4, 'unreachable'), wrap(mock(), { generate: refuse })])
    const { answer } = await made.ask(KINDS.greedy!)
    expect(answer).toMatchObject({ code: 'unreachable', message: 'the answer broke off: no such field' })
    await expectIdle(made)
  })

  test('where nobody holds more of it, it ends for its length', async () => {
    const made = await fleet(mock => [failing(mock(), 4, 'unreachable'), mock({ contextLength: 10 })])
    const { answer } = await made.ask(KINDS.greedy!, { input: { tokens: [1, 2, 3, 4, 5, 6, 7] } })
    expect((answer as Collected).done.choices).toEqual([{ finishReason: 'length', completionTokens: 3 }])
    await expectIdle(made)
  })

  test('its model was taken away meanwhile: it ends as it would have', async () => {
    const made = await fleet(mock => [failing(mock(), 0, 'unreachable'), mock({ model: 'other' })])
    const request = { input: { text: 'a' }, routing: { model: 'mock' } }
    const answer = collect(made.router.generate(request)).catch((error: unknown) => error)
    made.router.reload({ upstreams: [{ url: 'mock:1', name: 'e1' }] })
    await made.clock.advance(1000)
    expect(await answer).toMatchObject({ code: 'unreachable', message: 'the connection broke' })
  })

  test('several answers to one prompt are not gone on with', async () => {
    const made = await fleet(mock => [failing(mock(), 4, 'unreachable'), mock()])
    const { answer } = await made.ask({ temperature: 0, n: 2 })
    expect(answer).toMatchObject({ code: 'unreachable' })
    await expectIdle(made)
  })

  test('without failover it ends the answer, and without retries any', async () => {
    const made = await fleet(mock => [failing(mock(), 4, 'unreachable'), mock()], { failover: false })
    expect((await made.ask(KINDS.greedy!)).answer).toMatchObject({ code: 'unreachable' })
    const strict = await fleet(mock => [failing(mock(), 0, 'internal'), mock()], { retries: 0 })
    expect((await strict.ask(KINDS.greedy!)).answer).toMatchObject({ code: 'internal', message: 'a kernel failed' })
    await expectIdle(strict)
  })

  test('a retry is another engine each time, and there are as many as were allowed', async () => {
    const broken = (mock: () => Engine) => failing(mock(), 0, 'unreachable')
    const made = await fleet(mock => [broken(mock), broken(mock), broken(mock), mock()])
    expect((await made.ask(KINDS.greedy!)).answer).toMatchObject({
      code: 'unreachable',
      message: 'the connection broke',
    })
    expect(made.router.upstreams().map(({ requests }) => requests)).toEqual([1, 1, 1, 0])
    await expectIdle(made)
  })
})

/** As one whose tokens have no ids, and which writes several at once. */
function secretive(inner: Engine, together: number): Engine {
  async function* events(request: GenerateRequest, options: GenerateOptions): AsyncGenerator<Event> {
    let text = ''
    let count = 0
    for await (const event of inner.generate(request, options)) {
      if (event.type === 'tokens') {
        text += event.text
        if (++count < together) continue
      }
      if (count > 0) yield { type: 'tokens', choice: 0, ids: Array(count).fill(UNKNOWN_TOKEN), text }
      text = ''
      count = 0
      if (event.type !== 'tokens') yield event
    }
  }
  return wrap(inner, {
    info: { ...inner.info, backend: 'remote/openai' },
    generate: (request, options = {}) => events(request, options),
  })
}

describe('an answer is gone on with', () => {
  const textOf = (answer: Collected | Error) => (answer as Collected).choices[0]!.text

  test.each([
    [1, 1],
    [1, 3],
    [3, 1],
    [2, 3],
  ])('by its text, where no ids are told: %i tokens at once, then %i', async (first, second) => {
    const made = await fleet(mock => [failing(secretive(mock(), first), 3, 'unreachable'), secretive(mock(), second)])
    const { answer } = await made.ask(KINDS.seeded!)
    expect(textOf(answer)).toBe(textOf(await reference(KINDS.seeded!)))
    expect((answer as Collected).choices[0]!.ids).toHaveLength(TOKENS)
    expect(made.families('failovers_total')).toEqual([{ labels: { how: 'replay' }, value: 1 }])
    await expectIdle(made)
  })

  test('from the start, however long that takes: who repeats what was said is not silent', async () => {
    const made = await fleet(mock => [
      failing(secretive(mock(), 1), 7, 'unreachable'),
      secretive(mock({ itlMs: 300 }), 1),
    ])
    const { answer } = await made.ask(KINDS.greedy!)
    expect(textOf(answer)).toBe(textOf(await reference(KINDS.greedy!)))
    expect(made.families('failovers_total')).toEqual([{ labels: { how: 'replay' }, value: 1 }])
  })

  test.each([{ presencePenalty: 0.5 }, { frequencyPenalty: 0.5 }])('from the start, with %j', async penalty => {
    const made = await fleet(mock => [failing(mock(), 4, 'unreachable'), mock()])
    const sampling = { ...KINDS.greedy, ...penalty, logprobs: true }
    const { answer } = await made.ask(sampling)
    expect((answer as Collected).choices).toEqual((await reference(sampling)).choices)
    expect(made.families('failovers_total')).toEqual([{ labels: { how: 'replay' }, value: 1 }])
  })

  test('seeded, by an engine that draws in its own way: from the start', async () => {
    const other = (inner: Engine) => wrap(inner, { info: { ...inner.info, backend: 'remote/vllm' } })
    const made = await fleet(mock => [failing(mock(), 4, 'unreachable'), other(mock())])
    const { answer } = await made.ask(KINDS.seeded!)
    expect((answer as Collected).choices).toEqual((await reference(KINDS.seeded!)).choices)
    expect(made.families('failovers_total')).toEqual([{ labels: { how: 'replay' }, value: 1 }])
  })

  test('from the start, where the prompt’s ids cannot be had', async () => {
    const mute = (inner: Engine) => wrap(inner, { tokenize: async () => Promise.reject(new InternalError('no')) })
    const made = await fleet(mock => [failing(mock(), 4, 'unreachable'), mute(mock())])
    const { answer } = await made.ask(KINDS.greedy!)
    expect((answer as Collected).choices).toEqual((await reference(KINDS.greedy!)).choices)
  })

  test('an engine that says something else is not believed', async () => {
    const made = await fleet(mock => [failing(mock(), 4, 'unreachable'), mock({ vocabSize: 77 })])
    const { answer } = await made.ask({ ...KINDS.greedy, presencePenalty: 1 })
    expect(answer).toMatchObject({ code: 'internal', message: /^the answer could not be gone on with/ })
  })

  test.each([2, TOKENS])('stop strings that span the break are found, of %i tokens at most', async maxTokens => {
    const { text } = (await reference(KINDS.greedy!)).choices[0]!
    for (let at = 1; at < text.length - 3; at += 2) {
      const sampling = { ...KINDS.greedy, stop: [text.slice(at, at + 4)], minTokens: 2, maxTokens }
      const lone = await reference(sampling)
      const made = await fleet(mock => [failing(mock(), 3, 'unreachable'), mock()])
      const { answer } = await made.ask(sampling)
      expect((answer as Collected).choices).toEqual(lone.choices)
      expect((answer as Collected).done.choices).toEqual(lone.done.choices)
      expect((answer as Collected).done.usage).toEqual(lone.done.usage)
    }
  })
})
