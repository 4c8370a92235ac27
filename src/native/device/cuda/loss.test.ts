import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { EngineHostProcess } from '../../engine-host-process.ts'
import type { Outcome } from '../../loop.ts'
import type { FromThread, ToThread } from '../../messages.ts'
import { runLoop } from '../../run-loop.ts'
import { NOWHERE } from '../../testing/engine-process.ts'
import { answers, job } from '../../testing/schedules.ts'
import { DeviceLostError } from '../device-lost.ts'
import { fixture, loadFixture } from './testing/load-fixture.ts'
import { testCard } from './testing/test-card.ts'

const card = testCard()
process.env.WARPLINE_EMULATOR_QUIET = '1'

const BOUNDS = { contextLength: 64, maxSequences: 4, tokenBudget: 32, dtype: 'bf16' } as const

const good = (id: number) => job(id, [5, 6, 7], { temperature: 0, maxTokens: 8, ignoreEos: true })
const bad = (id: number) => job(id, [5, NOWHERE, 7], { maxTokens: 8 })

/** What a whole card answers to a process that has not lost it. */
async function answer() {
  const engine = new EngineHostProcess(fixture('llama3', BOUNDS))
  const outcomes: Outcome[] = []
  const ended = new Promise(resolve => engine.on('exit', resolve))
  engine.on('message', message => {
    if (message.type === 'loaded') engine.postMessage({ type: 'submit', job: good(0) })
    if (message.type === 'step') outcomes.push(...message.outcomes)
    if (outcomes.some(each => 'failure' in each || each.event.type === 'done')) engine.postMessage({ type: 'close' })
  })
  await ended
  return answers(outcomes, 0)
}

describe.skipIf(card === undefined)(`a kernel that faults, on ${card?.name ?? 'no GPU'}`, () => {
  it('ends the engine with one error for all, and an engine in a new process finds the card whole', async () => {
    const before = await answer()
    const engine = await loadFixture('llama3', BOUNDS)
    const { port1, port2 } = new MessageChannel()
    const told: FromThread[] = []
    port1.on('message', (message: FromThread) => told.push(message))
    const running = runLoop(engine.loop, port2)
    for (const job of [good(1), bad(2), good(3)]) {
      port1.postMessage({ type: 'submit', job } satisfies ToThread)
    }
    await running
    const closed = new Promise(resolve => port1.on('close', resolve))
    port2.close()
    await closed
    const last = told.at(-1)!
    expect(last).toMatchObject({ type: 'failed' })
    expect((last as { message: string }).message).toMatch(
      /^the engine failed: the GPU failed in cu\w+(\(\w+\))?: CUDA_ERROR_ILLEGAL_ADDRESS$/,
    )

    // Whoever comes later is told the same, at once.
    const { device } = engine
    expect(() => device.seal()).not.toThrow()
    expect(() => device.begin(STEP)).toThrow(DeviceLostError)
    await engine[Symbol.asyncDispose]()
    await engine[Symbol.asyncDispose]()
    expect(await answer()).toEqual(before)
  })
})

const STEP = {
  tokens: Int32Array.of(1),
  positions: Int32Array.of(0),
  slots: Int32Array.of(0),
  queryStarts: Int32Array.of(0, 1),
  contextLengths: Int32Array.of(1),
  blockTables: Int32Array.of(0),
  maxBlocks: 1,
  logitRows: Int32Array.of(0),
}
