import { expect, it } from 'vitest'
import { EXIT } from '../src/cli/exit.ts'
import { main } from '../src/cli/main.ts'
import { testWorld } from '../src/cli/testing/test-world.ts'
import type { Engine } from '../src/engine/index.ts'
import { testCard } from '../src/native/device/cuda/testing/test-card.ts'
import { engineProcess, fault, isRunning } from '../src/native/testing/engine-process.ts'
import { openTarget } from '../src/targets.ts'

const card = testCard()
process.env.WARPLINE_EMULATOR_QUIET = '1'

const SERVE = ['serve', 'ember', '--port', '0', '--on-engine-failure', 'restart']
const GPU = [
  '--device',
  'cuda',
  '--gpu-memory',
  '1GiB',
  '--context',
  '1024',
  '--max-sequences',
  '4',
  '--token-budget',
  '64',
]

/** Serves with engines that can be got at. */
async function serving(...options: readonly string[]) {
  const engines: Engine[] = []
  const open: typeof openTarget = async (...args) => {
    const engine = await openTarget(...args)
    engines.push(engine)
    return engine
  }
  const world = { ...testWorld(), openTarget: open }
  const running = main([...SERVE, ...options], world)
  const ended = running.then(() => Promise.reject(new Error(`it ended: ${world.err()}`)))
  await Promise.race([world.seen('ready at'), ended])
  const url = /ready at (\S+)/.exec(world.err())![1]!
  return {
    engines,
    said: world.err,
    health: async () => (await fetch(`${url}/health`)).status,
    complete: (maxTokens: number) =>
      fetch(`${url}/v1/completions`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ prompt: 'Warpline', max_tokens: maxTokens, ignore_eos: true, temperature: 0 }),
      }),
    async [Symbol.asyncDispose]() {
      world.signal('SIGTERM')
      expect(await running).toBe(EXIT.ok)
      for (const engine of engines) expect(isRunning(engineProcess(engine))).toBe(false)
    },
  }
}

const text = async (response: Response) => ((await response.json()) as { choices: { text: string }[] }).choices[0]!.text

/** Loses the engine under three requests and sees the server through it. */
async function expectRecovery(
  server: Awaited<ReturnType<typeof serving>>,
  lose: (engine: Engine) => unknown,
  reason: RegExp,
): Promise<void> {
  const { engines, health, complete, said } = server
  const before = await text(await complete(4))
  const engine = engines.at(-1)!
  const waiting = [1, 2, 3].map(() => complete(900))
  await expect.poll(() => engine.stats().running, { interval: 5, timeout: 10_000 }).toBe(3)
  lose(engine)
  for (const response of await Promise.all(waiting)) {
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({ error: { type: 'server_error', message: 'internal error' } })
  }
  expect(await health()).toBe(503)
  expect(said()).toMatch(reason)
  await expect.poll(health, { timeout: 20_000 }).toBe(200)
  const again = engines.at(-1)!
  expect(engineProcess(again)).not.toBe(engineProcess(engine))
  expect(isRunning(engineProcess(engine))).toBe(false)
  expect(await text(await complete(4))).toBe(before)
}

it.skipIf(card === undefined)('a server outlives the fault of a kernel, and the end of what has the GPU', async () => {
  await using server = await serving(...GPU)
  await expectRecovery(
    server,
    fault,
    /the engine is lost: the engine failed: the GPU failed in \S+ CUDA_ERROR_ILLEGAL_ADDRESS$/m,
  )
  const kill = (engine: Engine) => process.kill(engineProcess(engine), 'SIGKILL')
  await expectRecovery(server, kill, /the engine is lost: the engine's process ended \(SIGKILL\)$/m)
})
