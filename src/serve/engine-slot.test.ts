import { expect, it } from 'vitest'
import { scriptedEngine } from '../../test/scripted-engine.ts'
import { VirtualClock } from '../clock/index.ts'
import type { Engine, EngineHealth } from '../engine/index.ts'
import { EngineSlot } from './engine-slot.ts'

function mortal(): { engine: Engine; die: (reason: string) => void } {
  let health: EngineHealth = { status: 'ready' }
  const engine = { ...scriptedEngine(async function* () {}), health: () => health }
  const die = (reason: string) => {
    health = { status: 'failed', reason }
  }
  return { engine, die }
}

it('tells once that an engine is lost, and leaves it in its place', async () => {
  const clock = new VirtualClock()
  const told: string[] = []
  const { engine, die } = mortal()
  using slot = new EngineSlot(engine, { clock, onFailure: reason => told.push(reason) })
  await clock.advance(10_000)
  expect(slot.failure).toBeUndefined()
  die('the GPU fell off the bus')
  await clock.advance(10_000)
  expect(told).toEqual(['the GPU fell off the bus'])
  expect(slot.failure).toBe('the GPU fell off the bus')
  expect(slot.engine()).toBe(engine)
})

it('opens it anew, at longer and longer intervals until it lasts', async () => {
  const clock = new VirtualClock()
  const told: string[] = []
  const opened: number[] = []
  let hope = false
  let current = mortal()
  const reopen = async () => {
    opened.push(clock.now())
    if (!hope) throw new Error('no memory')
    current = mortal()
    return current.engine
  }
  using slot = new EngineSlot(Promise.resolve(current.engine), {
    clock,
    onFailure: reason => told.push(reason),
    reopen,
  })
  await slot.ready()
  current.die('lost')
  // Whoever asks first sees it, before the watch does.
  expect(() => slot.engine()).toThrow('Loading model')
  expect(slot.failure).toBeUndefined()
  await clock.advance(8000)
  expect(opened).toEqual([1000, 3000, 7000])
  expect(told).toEqual(['lost', ...Array(3).fill('it could not be opened anew: no memory')])
  hope = true
  await clock.advance(7000)
  expect(slot.engine()).toBe(current.engine)
  await clock.advance(60_000)
  current.die('lost again')
  await clock.advance(1250)
  expect(opened).toHaveLength(5)
  expect(slot.loaded).toBe(current.engine)
})

it('opens nothing once it is disposed of', async () => {
  const clock = new VirtualClock()
  const { engine, die } = mortal()
  let opened = 0
  const reopen = async () => {
    opened++
    return engine
  }
  const slot = new EngineSlot(engine, { clock, onFailure: () => {}, reopen })
  die('lost')
  await clock.advance(300)
  slot[Symbol.dispose]()
  await clock.advance(100_000)
  expect(opened).toBe(0)
})
