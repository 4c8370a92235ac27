import { expect } from 'vitest'
import { VirtualClock } from '../../clock/index.ts'
import {
  type Collected,
  collect,
  type Engine,
  EngineClosedError,
  type Event,
  type GenerateOptions,
  type GenerateRequest,
  InternalError,
  type SamplingParams,
  UnreachableError,
} from '../../engine/index.ts'
import { createMockEngine, type MockOptions } from '../../mock/index.ts'
import { openRouter, type Router, type RouterOptions } from '../index.ts'

/** Of each answer. */
export const TOKENS = 8
const PROMPT = { text: 'Once upon a time there was a fault' }

export const FAULTS = {
  unreachable: () => new UnreachableError('the connection broke'),
  closed: () => new EngineClosedError(),
  internal: () => new InternalError('a kernel failed'),
  'a bug': () => new TypeError('x is undefined'),
  silence: () => undefined,
} as const satisfies Record<string, () => Error | undefined>
export type Fault = keyof typeof FAULTS

/** Its answers go wrong after so many events, each of one token but the first. */
export function failing(inner: Engine, after: number, fault: Fault): Engine {
  async function* events(request: GenerateRequest, options: GenerateOptions): AsyncGenerator<Event> {
    let left = after
    for await (const event of inner.generate(request, options)) {
      if (left-- === 0) break
      yield event
    }
    const error = FAULTS[fault]()
    if (error !== undefined) throw error
    await new Promise<void>(resolve => options.signal?.addEventListener('abort', () => resolve()))
  }
  return wrap(inner, { generate: (request, options = {}) => events(request, options) })
}

/** The engine, but for what is changed. */
export function wrap(inner: Engine, changes: Partial<Engine>): Engine {
  return {
    info: inner.info,
    generate: (request, options) => inner.generate(request, options),
    render: input => inner.render(input),
    tokenize: (input, options) => inner.tokenize(input, options),
    detokenize: ids => inner.detokenize(ids),
    pieces: ids => inner.pieces(ids),
    health: () => inner.health(),
    stats: () => inner.stats(),
    histograms: () => inner.histograms(),
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner.close(),
    ...changes,
  }
}

export interface Fleet {
  readonly clock: VirtualClock
  readonly router: Router
  readonly engines: readonly Engine[]
  /** The answer, or what was thrown; time passes until there is one. */
  ask(
    sampling: SamplingParams,
    rest?: Partial<GenerateRequest>,
  ): Promise<{ answer: Collected | Error; events: Event[] }>
  families(name: string): unknown
}

export async function fleet(
  make: (mock: (options?: MockOptions) => Engine) => readonly Engine[],
  options: Partial<RouterOptions> = {},
): Promise<Fleet> {
  const clock = new VirtualClock()
  const engines = make(options => createMockEngine({ clock, ttftMs: 20, itlMs: 5, ...options }))
  const router = await openRouter({
    upstreams: engines.map((_, i) => ({ url: `mock:${i}`, name: `e${i}` })),
    open: async ({ name }) => engines[Number(name!.slice(1))]!,
    policy: 'round-robin',
    firstTokenTimeoutMs: 1000,
    stallTimeoutMs: 500,
    health: { intervalMs: 60_000 },
    clock,
    seed: 1,
    ...options,
  })
  await clock.advance(0)
  return {
    clock,
    router,
    engines,
    async ask(sampling, rest = {}) {
      const events: Event[] = []
      const request = { input: PROMPT, sampling: { maxTokens: TOKENS, ...sampling }, ...rest }
      const answer = collect(router.generate(request), event => events.push(event)).catch((error: Error) => error)
      for (let i = 0; i < 40; i++) await clock.advance(100)
      return { answer: await answer, events }
    },
    families: name => [...router.families.find(family => family.name === `warpline_router_${name}`)!.collect()],
  }
}

/** What a lone engine answers. */
export async function reference(sampling: SamplingParams): Promise<Collected> {
  const { ask } = await fleet(mock => [mock()])
  return (await ask(sampling)).answer as Collected
}

export async function expectIdle({ router, engines, families }: Fleet): Promise<void> {
  expect(router.stats()).toMatchObject({ running: 0, waiting: 0, paused: 0 })
  for (const engine of engines) expect(engine.stats()).toMatchObject({ running: 0, waiting: 0 })
  for (const name of ['requests_in_flight', 'tokens_in_flight'])
    expect(families(name)).toEqual(engines.map((_, i) => ({ labels: { upstream: `e${i}` }, value: 0 })))
}
