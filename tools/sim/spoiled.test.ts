import { expect, test } from 'vitest'
import { type Event, type GenerateOptions, type GenerateRequest, UnreachableError } from '../../src/engine/index.ts'
import type { Router } from '../../src/route/index.ts'
import { simulate } from './simulate.ts'

/** What a spoiled router does with each event of an answer: these come in its stead. `count`: which event it is. */
type Spoil = (event: Event, count: number) => readonly Event[]

const SEEDS = 20

/** Spoils the fourth request, and each fourth after it. */
function spoiled(spoil: Spoil): (router: Router) => Router {
  return router => {
    let requests = 0
    const generate = (request: GenerateRequest, options?: GenerateOptions) => {
      const events = router.generate(request, options)
      return ++requests % 4 === 0 ? through(events, spoil) : events
    }
    return new Proxy(router, {
      get: (target, key) => {
        if (key === 'generate') return generate
        const value: unknown = Reflect.get(target, key, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
}

async function* through(events: AsyncIterable<Event>, spoil: Spoil): AsyncGenerator<Event, undefined> {
  let count = 0
  for await (const event of events) yield* spoil(event, count++)
  return undefined
}

async function firstFault(spoil: Spoil): Promise<string | undefined> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { faults } = await simulate(seed, spoiled(spoil))
    if (faults.length > 0) return faults[0]
  }
  return undefined
}

const only = (event: Event) => [event]

test('a router that is not spoiled has no faults', async () => {
  expect(await firstFault(only)).toBeUndefined()
})

test.each<[string, Spoil, RegExp]>([
  ['says a token twice', (event, i) => (i === 2 && event.type === 'tokens' ? [event, event] : [event]), /its text is/],
  ['loses a token', (event, i) => (i === 1 && event.type === 'tokens' ? [] : [event]), /its text is|out of order/],
  [
    'tells other ids than text',
    event => [event.type === 'tokens' ? { ...event, ids: event.ids.map(id => id ^ 1) } : event],
    /its ids are|its ids is/,
  ],
  ['begins twice', event => (event.type === 'start' ? [event, event] : [event]), /start out of order/],
  ['does not begin', event => (event.type === 'start' ? [] : [event]), /out of order/],
  ['does not end', event => (event.type === 'done' ? [] : [event]), /an end without done/],
  ['ends twice', event => (event.type === 'done' ? [event, event] : [event]), /done after done/],
  [
    'says another reason for the end',
    event => [
      event.type === 'done'
        ? { ...event, choices: event.choices.map(choice => ({ ...choice, finishReason: 'stop', stop: 'x' })) }
        : event,
    ],
    /its end is/,
  ],
  [
    'counts wrongly',
    event => [
      event.type === 'done'
        ? { ...event, usage: { ...event.usage, completionTokens: event.usage.completionTokens + 1 } }
        : event,
    ],
    /its usage is/,
  ],
  [
    'gives up what it could go on with',
    (event, i) => {
      if (i === 2) throw new UnreachableError('the connection broke')
      return [event]
    },
    /failed with unreachable/,
  ],
])('one that %s is found', async (_, spoil, fault) => {
  expect(await firstFault(spoil)).toMatch(fault)
})
