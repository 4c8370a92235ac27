import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { engineConformance } from '../../test/engine-conformance.ts'
import { collect, InternalError } from '../engine/index.ts'
import { type NativeOptions, openNative } from './index.ts'
import { engineProcess, isRunning } from './testing/engine-process.ts'

const EMBER = fileURLToPath(new URL('../../models/ember/', import.meta.url))
const OPTIONS: NativeOptions = { device: 'cpu', threads: 1, contextLength: 256, isolated: true }

engineConformance('isolated', () => openNative(EMBER, OPTIONS))

const endless = { input: { text: 'Warpline' }, sampling: { maxTokens: 200, ignoreEos: true } }

describe('an engine in a process of its own', () => {
  it('leaves when it is closed', async () => {
    const engine = await openNative(EMBER, OPTIONS)
    const pid = engineProcess(engine)
    expect(isRunning(pid)).toBe(true)
    await engine.close()
    expect(isRunning(pid)).toBe(false)
  })

  it('answers on when a terminal interrupts all that it runs', async () => {
    await using engine = await openNative(EMBER, OPTIONS)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(engineProcess(engine), signal)
    const { done } = await collect(engine.generate(endless))
    expect(done.usage.completionTokens).toBe(200)
  })

  it('is lost when it dies, with one clear error for all', async () => {
    const engine = await openNative(EMBER, OPTIONS)
    const waiting = [1, 2, 3].map(() => collect(engine.generate(endless)))
    process.kill(engineProcess(engine), 'SIGKILL')
    for (const result of await Promise.allSettled(waiting)) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(InternalError) })
      expect((result as PromiseRejectedResult).reason.message).toBe("the engine's process ended (SIGKILL)")
    }
    expect(engine.health()).toEqual({ status: 'failed', reason: "the engine's process ended (SIGKILL)" })
    await engine.close()
  })

  it('is ended by force where it does not end when it is closed', async () => {
    const engine = await openNative(EMBER, OPTIONS)
    const pid = engineProcess(engine)
    process.kill(pid, 'SIGSTOP')
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const closed = engine.close()
    vi.advanceTimersByTime(10_000)
    vi.useRealTimers()
    await closed
    expect(isRunning(pid)).toBe(false)
  })

  it('says why it could not be opened', async () => {
    const broken = openNative(EMBER, { ...OPTIONS, device: 'cpu', quantize: 'fp8' })
    await expect(broken).rejects.toMatchObject({ code: 'model_load_failed', message: expect.stringContaining('fp8') })
  })

  it.each([
    ['between steps', OPTIONS, 4],
    // Plain TypeScript is at it for many seconds.
    ['in the midst of a step', { device: 'cpu-reference', contextLength: 1024, tokenBudget: 1024 } as const, 1000],
  ])('does not outlive the one that started it, %s', async (_, options, tokens) => {
    const script = fileURLToPath(new URL('./testing/isolated-engine.ts', import.meta.url))
    const parent: ChildProcess = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), script, EMBER, JSON.stringify(options), String(tokens)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [said] = await Promise.race([once(parent.stdout!, 'data'), once(parent, 'exit')])
    const pid = Number(said)
    expect(pid).toBeGreaterThan(1)
    onTestFinished(() => void (isRunning(pid) && process.kill(pid, 'SIGKILL')))
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(isRunning(pid)).toBe(true)
    parent.kill('SIGKILL')
    // Orphans are struck off by the system, in its own time.
    await expect.poll(() => isRunning(pid), { timeout: 5000 }).toBe(false)
  })
})
