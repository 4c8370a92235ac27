import { expect, it } from 'vitest'
import { scriptedEngine } from '../../test/scripted-engine.ts'
import type { Engine, EngineHealth } from '../engine/index.ts'
import { EXIT } from './exit.ts'
import { main } from './main.ts'
import { testWorld } from './testing/test-world.ts'
import type { World } from './world.ts'

/** A world whose every engine can be made to fail. */
function mortalWorld() {
  const deaths: (() => void)[] = []
  const closed: number[] = []
  const openTarget = async (): Promise<Engine> => {
    let health: EngineHealth = { status: 'ready' }
    const turn = deaths.push(() => {
      health = { status: 'failed', reason: 'the GPU fell off the bus' }
    })
    const close = async () => void closed.push(turn)
    return { ...scriptedEngine(async function* () {}), health: () => health, close }
  }
  return { ...testWorld(), openTarget, deaths, closed }
}

it('exits for a supervisor when the engine is lost, where it was told to', async () => {
  const world = mortalWorld()
  const running = main(['serve', '--port', '0', '--on-engine-failure', 'exit'], world)
  await world.seen('ready at')
  world.deaths[0]!()
  expect(await running).toBe(EXIT.engine)
  expect(world.err()).toContain('the engine is lost: the GPU fell off the bus')
  expect(world.closed).toEqual([1])
})

it('opens a lost engine anew, where it was told to, and closes each once', async () => {
  const world = mortalWorld()
  const running = main(['serve', '--port', '0', '--on-engine-failure', 'restart'], world)
  await world.seen('ready at')
  const url = /ready at (\S+)/.exec(world.err())![1]!
  const health = async () => (await fetch(`${url}/health`)).status
  const live = async () => (await fetch(`${url}/live`)).status
  expect(await health()).toBe(200)
  world.deaths[0]!()
  expect([await live(), await health()]).toEqual([200, 503])
  await expect.poll(health, { timeout: 5000 }).toBe(200)
  expect(world.closed).toEqual([1])
  world.signal('SIGTERM')
  expect(await running).toBe(EXIT.ok)
  expect(world.closed).toEqual([1, 2])
})

it.each([
  [true, ['--on-engine-failure', 'restart']],
  [true, ['--on-engine-failure', 'restart', '--device', 'cuda:1']],
  [false, ['--on-engine-failure', 'restart', '--device', 'cpu']],
  [false, ['--on-engine-failure', 'exit', '--device', 'cuda']],
])('has the engine in a process of its own: %s, with %s', async (expected, options) => {
  const world = mortalWorld()
  const isolated: unknown[] = []
  const openTarget: World['openTarget'] = async (_, options) => {
    isolated.push(options?.isolated)
    return await world.openTarget()
  }
  const running = main(['serve', '--port', '0', ...options], { ...world, openTarget })
  await world.seen('ready at')
  world.signal('SIGTERM')
  await running
  expect(isolated).toEqual([expected])
})

it('stays and says so, where it was told nothing', async () => {
  const world = mortalWorld()
  const running = main(['serve', '--port', '0'], world)
  await world.seen('ready at')
  const url = /ready at (\S+)/.exec(world.err())![1]!
  world.deaths[0]!()
  const answers = await Promise.all(['/health', '/live'].map(path => fetch(url + path)))
  expect(answers.map(({ status }) => status)).toEqual([503, 503])
  expect(await answers[0]!.json()).toMatchObject({ error: { message: 'the GPU fell off the bus' } })
  world.signal('SIGTERM')
  expect(await running).toBe(EXIT.ok)
})
