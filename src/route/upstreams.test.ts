import { describe, expect, test } from 'vitest'
import { recordingLogger } from '../../test/recording-logger.ts'
import { VirtualClock } from '../clock/index.ts'
import {
  collect,
  type Engine,
  type Input,
  InvalidTargetError,
  type TokenizeOptions,
  UnreachableError,
} from '../engine/index.ts'
import { TooManyTokensError } from '../formats/index.ts'
import { createMockEngine, type MockOptions } from '../mock/index.ts'
import type { NumberSample } from '../telemetry/index.ts'
import { openRouter, type Router, type RouterOptions, type UpstreamSpec } from './index.ts'
import { wrap } from './request/testing.ts'

const down = () => new UnreachableError('nobody listens there')

interface Place {
  /** Thrown by who opens it. */
  error: Error | undefined
  /** Times at which it was opened, or was to be. */
  readonly tries: number[]
  readonly engines: Engine[]
  options: MockOptions
}

/** Routers over places that tests make come and go. */
function places(clock = new VirtualClock()) {
  const all = new Map<string, Place>()
  const at = (url: string) => {
    const known = all.get(url)
    if (known) return known
    const place: Place = { error: undefined, tries: [], engines: [], options: {} }
    all.set(url, place)
    return place
  }
  const logger = recordingLogger()
  const open = async ({ url }: UpstreamSpec) => {
    const place = at(url)
    place.tries.push(clock.now())
    if (place.error) throw place.error
    const engine = createMockEngine({ clock, ttftMs: 20, itlMs: 5, ...place.options })
    place.engines.push(engine)
    return engine
  }
  const opening = (upstreams: readonly UpstreamSpec[], options: Partial<RouterOptions> = {}) =>
    openRouter({ upstreams, open, clock, logger, seed: 1, ...options })
  const phases = (router: Router) => Object.fromEntries(router.upstreams().map(({ name, phase }) => [name, phase]))
  return { clock, at, open, opening, phases, logger }
}

const ask = (router: Router, upstream?: string) =>
  collect(
    router.generate({
      input: { text: 'Once' },
      sampling: { temperature: 0, maxTokens: 8 },
      ...(upstream !== undefined && { routing: { upstream } }),
    }),
  )

describe('opening', () => {
  test('is over with the first engine; the others join later, ever more rarely tried', async () => {
    const { clock, at, opening, phases, logger } = places()
    at('mock:b').error = down()
    const router = await opening([{ url: 'mock:a' }, { url: 'mock:b' }])
    expect(phases(router)).toEqual({ a: 'ready', b: 'opening' })
    expect(router.upstreams()[1]).toMatchObject({ reason: 'nobody listens there', model: undefined })
    await clock.advance(40_000)
    const waits = at('mock:b').tries.map((time, i, tries) => time - (tries[i - 1] ?? 0))
    expect(waits).toEqual([0, 250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
    at('mock:b').error = undefined
    await clock.advance(10_000)
    expect(phases(router)).toEqual({ a: 'ready', b: 'ready' })
    expect(logger.messages()).toEqual(['an upstream is open', 'an upstream cannot be opened', 'an upstream is open'])
    await router.close()
  })

  test('waits for the first, however long that takes', async () => {
    const { clock, at, opening } = places()
    at('mock:a').error = down()
    let router: Router | undefined
    void opening([{ url: 'mock:a' }]).then(opened => (router = opened))
    await clock.advance(5000)
    expect(router).toBeUndefined()
    at('mock:a').error = undefined
    await clock.advance(10_000)
    expect(router?.health()).toEqual({ status: 'ready' })
  })

  test.each<[string, readonly UpstreamSpec[], Partial<RouterOptions>, string]>([
    ['nobody to ask', [], {}, 'a router needs an upstream: name at least one'],
    [
      'names that are given twice',
      [
        { url: 'mock:a', name: 'x' },
        { url: 'mock:b', name: 'x' },
      ],
      {},
      'two upstreams are called x: give each a name of its own',
    ],
    ['a weight that is none', [{ url: 'mock:a', weight: 0 }], {}, 'the weight of a must be a number above 0, got 0'],
    [
      'no room',
      [{ url: 'mock:a', maxInFlight: 0.5 }],
      {},
      'maxInFlight of a must be a whole number of at least 1, got 0.5',
    ],
    [
      'models at nobody',
      [{ url: 'mock:a' }],
      { models: [{ name: 'm', upstreams: [{ name: 'z' }] }] },
      'the model m is to be served by z, which is no upstream',
    ],
    [
      'an address of nothing',
      [{ url: 'mock:a' }],
      { open: () => Promise.reject(new InvalidTargetError('no such thing')) },
      'no such thing',
    ],
  ])('refuses %s', async (_, upstreams, options, message) => {
    const error = await places()
      .opening(upstreams, options)
      .catch((e: unknown) => e)
    expect(error).toBeInstanceOf(InvalidTargetError)
    expect((error as Error).message).toBe(message)
  })

  test('two of one address have a name each', async () => {
    const { opening, phases } = places()
    const router = await opening([{ url: 'mock:' }, { url: 'mock:' }])
    expect(Object.keys(phases(router))).toEqual(['mock:', 'mock:#2'])
  })
})

describe('an engine that is lost', () => {
  test('is opened anew, and is empty then', async () => {
    const { clock, at, opening, phases, logger } = places()
    const router = await opening([{ url: 'mock:a' }])
    await at('mock:a').engines[0]!.close()
    await expect(ask(router)).rejects.toMatchObject({
      code: 'unreachable',
      message: 'no engine is ready: a is ejected (the engine was closed)',
    })
    at('mock:a').error = down()
    await clock.advance(2000)
    expect(phases(router)).toEqual({ a: 'opening' })
    expect(router.health()).toEqual({
      status: 'waiting',
      reason: 'no upstream is ready',
    })
    at('mock:a').error = undefined
    await clock.advance(2000)
    const answer = ask(router)
    await clock.advance(200)
    expect((await answer).start.served?.upstream).toBe('a')
    expect(at('mock:a').engines).toHaveLength(2)
    expect(logger.messages()).toContain('an upstream was lost and is opened anew')
  })

  test('is trusted when it is back, and known for nothing that it did before', async () => {
    const { clock, at, open, opening, phases } = places()
    let isBroken = false
    const breaking = async (spec: UpstreamSpec) => {
      const engine = await open(spec)
      return wrap(engine, {
        generate: (request, options) => {
          if (isBroken) throw down()
          return engine.generate(request, options)
        },
      })
    }
    const router = await opening([{ url: 'mock:a' }], {
      open: breaking,
      policy: 'prefix',
      breaker: { failures: 1, openMs: 600_000 },
    })
    const input = { tokens: Array(64).fill(3) }
    const decisions = router.families.find(({ name }) => name.endsWith('decisions_total'))!
    const known = () => {
      const samples = [...decisions.collect()] as readonly NumberSample[]
      return samples.find(({ labels }) => labels?.reason === 'prefix')?.value ?? 0
    }
    for (const times of [0, 1]) {
      const answer = collect(router.generate({ input, sampling: { maxTokens: 1 } }))
      await clock.advance(100)
      await answer
      expect(known()).toBe(times)
    }
    isBroken = true
    await expect(ask(router)).rejects.toMatchObject({ code: 'unreachable' })
    expect(phases(router)).toEqual({ a: 'ejected' })
    isBroken = false
    const before = known()
    await at('mock:a').engines[0]!.close()
    await clock.advance(3000)
    expect(phases(router)).toEqual({ a: 'ready' })
    const answer = collect(router.generate({ input, sampling: { maxTokens: 1 } }))
    await clock.advance(100)
    await answer
    expect(known()).toBe(before)
  })

  test('elsewhere is waited for, as it may mend by itself', async () => {
    const { clock, open, opening, phases } = places()
    let status: 'ready' | 'failed' = 'ready'
    let opened = 0
    const elsewhere = async (spec: UpstreamSpec) => {
      opened++
      const engine = await open(spec)
      return wrap(engine, { info: { ...engine.info, backend: 'remote/vllm' }, health: () => ({ status }) })
    }
    const router = await opening([{ url: 'mock:a' }], { open: elsewhere })
    status = 'failed'
    await clock.advance(5000)
    expect(phases(router)).toEqual({ a: 'ejected' })
    await expect(ask(router)).rejects.toMatchObject({ code: 'unreachable' })
    status = 'ready'
    await clock.advance(2000)
    expect([phases(router), opened]).toEqual([{ a: 'ready' }, 1])
  })

  test('has failed too often: it is left alone for a while', async () => {
    const { clock, open, opening, phases } = places()
    let isBroken = true
    let asked = 0
    const breaking = async (spec: UpstreamSpec) => {
      const engine = await open(spec)
      if (spec.url !== 'mock:a') return engine
      return wrap(engine, {
        generate: (request, options) => {
          asked++
          if (isBroken) throw down()
          return engine.generate(request, options)
        },
      })
    }
    const router = await opening([{ url: 'mock:a' }, { url: 'mock:b' }], {
      open: breaking,
      policy: 'round-robin',
      breaker: { failures: 2, openMs: 1000 },
    })
    const askAll = async (count: number) => {
      const answers = Array.from({ length: count }, () => ask(router))
      await clock.advance(100)
      await Promise.all(answers)
    }
    await askAll(4)
    expect(phases(router)).toEqual({ a: 'ejected', b: 'ready' })
    expect(asked).toBe(2)
    await askAll(4)
    expect(asked).toBe(2)
    isBroken = false
    await clock.advance(1000)
    for (let i = 0; i < 4; i++) await askAll(1)
    expect(asked).toBe(4)
    expect(phases(router)).toEqual({ a: 'ready', b: 'ready' })
  })
})

describe('a new table', () => {
  test('opens what is new, and lets what is gone end what it has', async () => {
    const { clock, at, opening, phases } = places()
    const router = await opening([{ url: 'mock:a' }, { url: 'mock:b', weight: 1 }])
    const answer = ask(router, 'a')
    await clock.advance(30)
    router.reload({ upstreams: [{ url: 'mock:b', weight: 3 }, { url: 'mock:c' }] })
    await clock.advance(0)
    expect(phases(router)).toEqual({ b: 'ready', c: 'ready', a: 'draining' })
    expect(at('mock:b').tries).toHaveLength(1)
    await expect(ask(router, 'a')).rejects.toMatchObject({ code: 'invalid_request' })
    await clock.advance(100)
    expect((await answer).choices[0]!.ids).toHaveLength(8)
    await clock.advance(0)
    expect(phases(router)).toEqual({ b: 'ready', c: 'ready' })
    expect(at('mock:a').engines[0]!.health().status).toBe('closed')
  })

  test('that is wrong changes nothing', async () => {
    const { opening, phases } = places()
    const router = await opening([{ url: 'mock:a' }])
    const wrong = { upstreams: [{ url: 'mock:b' }], models: [{ name: 'm', upstreams: [{ name: 'a' }] }] }
    expect(() => router.reload(wrong)).toThrow(InvalidTargetError)
    expect(phases(router)).toEqual({ a: 'ready' })
    expect(router.info.models).toEqual(['mock'])
  })

  test('that gives a name to another address closes the one and opens the other', async () => {
    const { clock, at, opening, phases } = places()
    const router = await opening([{ url: 'mock:a', name: 'x' }])
    router.reload({ upstreams: [{ url: 'mock:b', name: 'x' }] })
    await clock.advance(0)
    expect(router.upstreams()).toMatchObject([{ name: 'x', url: 'mock:b', phase: 'ready' }])
    expect(phases(router)).toEqual({ x: 'ready' })
    expect(at('mock:a').engines[0]!.health().status).toBe('closed')
  })

  test('that gives up what is still being opened', async () => {
    const { clock, at, opening, phases } = places()
    at('mock:b').error = down()
    const router = await opening([{ url: 'mock:a' }, { url: 'mock:b' }])
    router.reload({ upstreams: [{ url: 'mock:a' }] })
    await clock.advance(60_000)
    expect(at('mock:b').tries).toHaveLength(1)
    expect(phases(router)).toEqual({ a: 'ready' })
  })
})

describe('together they are', () => {
  test('as large as all, and hold as much context as the least', async () => {
    const { clock, at, opening } = places()
    at('mock:a').options = { model: 'm', slots: 4, contextLength: 100 }
    at('mock:b').options = { model: 'm', slots: 9, contextLength: 60 }
    at('mock:c').options = { model: 'other', slots: 3, contextLength: 20 }
    const router = await opening([{ url: 'mock:a' }, { url: 'mock:b', maxInFlight: 5 }, { url: 'mock:c' }])
    await clock.advance(0)
    const told = {
      model: 'm',
      models: ['m', 'other'],
      maxSequences: 12,
      contextLength: 60,
      chat: true,
      vocabSize: 32_000,
    }
    expect(router.info).toMatchObject(told)
    expect({ ...router.info }).toMatchObject(told)
    const long = { input: { tokens: Array(30).fill(1) } }
    at('mock:d').options = { model: 'large', contextLength: 500 }
    const mixed = await opening([{ url: 'mock:c' }, { url: 'mock:d' }])
    await clock.advance(0)
    const large = collect(mixed.generate({ ...long, sampling: { maxTokens: 1 }, routing: { model: 'large' } }))
    await clock.advance(100)
    expect((await large).start.promptTokens).toBe(30)
    const refused = (model: string) => collect(router.generate({ ...long, routing: { model } }))
    await expect(refused('other')).rejects.toMatchObject({ code: 'context_length_exceeded', contextLength: 20 })
    const answer = refused('m')
    await clock.advance(1000)
    expect((await answer).done.choices[0]!.finishReason).toBe('length')
  })

  test('what they are now: one that joins, changes or goes is known at once', async () => {
    const { clock, at, opening } = places()
    const context = (router: Router) => router.info.contextLength
    at('mock:a').options = { model: 'm', contextLength: 100 }
    at('mock:b').options = { model: 'm', contextLength: 60 }
    at('mock:b').error = down()
    const router = await opening([{ url: 'mock:a' }, { url: 'mock:b' }])
    expect(context(router)).toBe(100)
    at('mock:b').error = undefined
    await clock.advance(250)
    expect(context(router)).toBe(60)
    router.reload({ upstreams: [{ url: 'mock:a' }] })
    expect(context(router)).toBe(100)
    at('mock:a').options = { model: 'm', contextLength: 40 }
    await at('mock:a').engines[0]!.close()
    await clock.advance(20_000)
    expect(at('mock:a').engines).toHaveLength(2)
    expect(context(router)).toBe(40)
  })

  test('of one tongue: whoever cannot tell the tokens of a text, another can', async () => {
    const { open, opening, clock } = places()
    const mute = async (spec: UpstreamSpec) => {
      const engine = await open(spec)
      return spec.url === 'mock:a' ? wrap(engine, { tokenize: () => Promise.reject(down()) }) : engine
    }
    const router = await opening([{ url: 'mock:a' }, { url: 'mock:b' }], { open: mute })
    await clock.advance(0)
    expect(router.info.tokenizer).toBe('elsewhere')
    const input = { text: 'Once upon a time' }
    expect(await router.tokenize(input)).toEqual(await createMockEngine().tokenize(input))
    const own = await opening([{ url: 'mock:a' }], { open: mute, tokenizer: { encode: () => [7, 8] } })
    expect(own.info.tokenizer).toBe('here')
    expect(await own.tokenize({ text: 'x' })).toEqual([7, 8])
    await expect(own.tokenize({ text: 'x' }, { limit: 1 })).rejects.toMatchObject({ promptTokens: 2, exact: true })
    const bounded = {
      encode: (_: Input, { limit = 0 }: TokenizeOptions = {}) => {
        throw new TooManyTokensError(limit + 1, limit)
      },
    }
    const strict = await opening([{ url: 'mock:b' }], { tokenizer: bounded, policy: 'prefix' })
    await expect(strict.tokenize({ text: 'x' }, { limit: 9 })).rejects.toMatchObject({ promptTokens: 10, exact: false })
    const answer = ask(strict)
    await clock.advance(200)
    expect((await answer).choices[0]!.ids).toHaveLength(8)
  })

  test('gone when the router is', async () => {
    const { clock, at, opening } = places()
    at('mock:b').error = down()
    const router = await opening([{ url: 'mock:a' }, { url: 'mock:b' }])
    const answer = ask(router).catch((error: unknown) => error)
    await clock.advance(30)
    await router.close()
    expect(await answer).toMatchObject({ code: 'engine_closed' })
    expect(at('mock:a').engines[0]!.health().status).toBe('closed')
    await clock.advance(60_000)
    expect(at('mock:b').tries).toHaveLength(1)
    expect(() => router.reload({ upstreams: [] })).toThrow('the engine is closed')
  })

  test('gone when the router is, those too that come later', async () => {
    const { clock, at, open, opening } = places()
    let come: (() => void) | undefined
    const late = async (spec: UpstreamSpec) => {
      if (spec.url === 'mock:b') await new Promise<void>(resolve => (come = resolve))
      return await open(spec)
    }
    const router = await opening([{ url: 'mock:a' }, { url: 'mock:b' }], { open: late })
    await router.close()
    come!()
    await clock.advance(0)
    expect(at('mock:b').engines[0]!.health().status).toBe('closed')
  })
})
