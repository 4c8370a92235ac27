import { beforeEach, expect, test } from 'vitest'
import { engineConformance } from '../../../test/engine-conformance.ts'
import { systemClock, VirtualClock } from '../../clock/index.ts'
import { type Collected, collect, type Engine } from '../../engine/index.ts'
import { FaultyMachine } from './faulty-engine.ts'

engineConformance('a machine that nothing befalls', () =>
  new FaultyMachine({ clock: systemClock, ttftMs: 2, itlMs: 1, contextLength: 1024, slots: 8 }).connect(),
)

let clock: VirtualClock
let machine: FaultyMachine
let engine: Engine
let outcome: Collected | Error | undefined

/** Asks for ten tokens: the first after 20 ms, one each 5 ms. */
function ask(): void {
  outcome = undefined
  const request = { input: { text: 'Once' }, sampling: { temperature: 0, maxTokens: 10 } }
  collect(engine.generate(request)).then(
    answer => (outcome = answer),
    error => (outcome = error),
  )
}

beforeEach(async () => {
  clock = new VirtualClock()
  machine = new FaultyMachine({ clock })
  engine = await machine.connect()
  ask()
  await clock.advance(30)
})

const ended = () => ({ streams: machine.streams, running: machine.inner.stats().running })

test('a crash ends what runs, and all that comes until it is back', async () => {
  machine.crash()
  await clock.advance(0)
  expect(outcome).toMatchObject({ code: 'unreachable' })
  ask()
  await clock.advance(0)
  expect(outcome).toMatchObject({ code: 'unreachable' })
  expect(engine.health().status).toBe('failed')
  await expect(machine.connect()).rejects.toMatchObject({ code: 'unreachable' })
  machine.restart()
  ask()
  await clock.advance(100)
  expect(outcome).toMatchObject({ choices: [{ ids: { length: 10 } }] })
  expect(ended()).toEqual({ streams: 0, running: 0 })
})

test.each([
  [0, 1000, 1065],
  [0.1, 100, 155],
])('at a pace of %f for %d ms an answer of 65 ms ends at %d', async (pace, forMs, end) => {
  machine.run(pace)
  await clock.advance(forMs)
  machine.run(1)
  await clock.advance(end - 1 - clock.now())
  expect(outcome).toBeUndefined()
  await clock.advance(1)
  expect(outcome).toMatchObject({ choices: [{ ids: { length: 10 } }] })
})

test('a connection breaks in mid-answer, and the next one holds', async () => {
  machine.breakStreams()
  await clock.advance(0)
  expect(outcome).toMatchObject({ code: 'unreachable' })
  expect(ended()).toEqual({ streams: 0, running: 0 })
  ask()
  await clock.advance(100)
  expect(outcome).toMatchObject({ choices: [{ ids: { length: 10 } }] })
})

test.each([
  [0, 0],
  [4, 4],
  [10, 10],
  ['end', 10],
] as const)('answers cut at %s break after %i tokens', async (cut, tokens) => {
  await clock.advance(100)
  machine.cutsAfter = cut
  const seen: number[] = []
  const request = { input: { text: 'Once' }, sampling: { maxTokens: 10 } }
  const reading = collect(engine.generate(request), event => event.type === 'tokens' && seen.push(...event.ids))
  const refused = expect(reading).rejects.toMatchObject({ code: 'unreachable' })
  await clock.advance(100)
  await refused
  expect(seen).toHaveLength(tokens)
  expect(ended()).toEqual({ streams: 0, running: 0 })
})

test('refuses when told to, with a time to come back', async () => {
  machine.refusesForMs = 500
  ask()
  await clock.advance(0)
  expect(outcome).toMatchObject({ code: 'overloaded', retryAfterMs: 500 })
})

test('says of its health what it is told to', () => {
  machine.claims = 'failed'
  expect(engine.health().status).toBe('failed')
  machine.crash()
  machine.claims = 'ready'
  expect(engine.health().status).toBe('ready')
})
