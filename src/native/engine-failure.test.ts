import { EventEmitter } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { collect, type EngineInfo, InternalError } from '../engine/index.ts'
import { loadTokenizer } from '../formats/index.ts'
import type { PendingRows } from './device/device.ts'
import { DeviceLostError } from './device/device-lost.ts'
import type { EngineHost, EngineHostEvents } from './engine-host.ts'
import { NativeEngine } from './native-engine.ts'
import { PromptEncoder } from './prompt-encoder.ts'
import { runLoop } from './run-loop.ts'
import { LETTERS, letterVocabulary } from './testing/letters.ts'
import { build, ROOMY } from './testing/schedules.ts'
import { SimulatedModel } from './testing/simulated-model.ts'

/** Lost at its fifth step, when it is enqueued or when it is taken. */
class Mortal extends SimulatedModel {
  #runs = 0

  constructor(private readonly when: 'run' | 'take') {
    super(LETTERS)
  }

  override run(...step: Parameters<SimulatedModel['run']>): PendingRows {
    const isLast = ++this.#runs === 5
    if (isLast && this.when === 'run') throw new DeviceLostError('the GPU fell off the bus')
    const pending = super.run(...step)
    return isLast ? { take: () => Promise.reject(new DeviceLostError('the GPU fell off the bus')) } : pending
  }
}

/** One that cannot run any step whose tokens are this many; the others go well. */
class Narrow extends SimulatedModel {
  override run(...[plan, rows]: Parameters<SimulatedModel['run']>): PendingRows {
    if (plan.some(({ count }) => count === 9)) throw new RangeError('a step of 9 tokens; 8 fit')
    return super.run(plan, rows)
  }
}

const info: EngineInfo = {
  model: 'letters',
  backend: 'native/simulated',
  contextLength: 1000,
  vocabSize: LETTERS,
  parameters: 0,
  weightType: 'none',
  maxSequences: 64,
  kvBlockSize: 16,
  chat: false,
  samplingDefaults: {},
}

/** An engine whose thread is this one. */
async function engineOver(model: SimulatedModel, depth: 1 | 2): Promise<NativeEngine> {
  const { port1, port2 } = new MessageChannel()
  const { loop } = build(ROOMY, model, letterVocabulary(), depth)
  const stats = loop.stats()
  runLoop(loop, port2).then(() => port2.close())
  const tokenizer = await loadTokenizer(new URL('../../models/ember', import.meta.url).pathname)
  return new NativeEngine(info, asHost(port1), new PromptEncoder(tokenizer, undefined), stats)
}

function asHost(port: MessagePort): EngineHost {
  const host = new EventEmitter<EngineHostEvents>()
  port.on('message', message => host.emit('message', message))
  port.on('close', () => host.emit('exit', 'the port was closed'))
  const ports = { postMessage: port.postMessage.bind(port), ref: port.ref.bind(port), unref: port.unref.bind(port) }
  return Object.assign(host, ports)
}

const endless = (tokens: number[]) => ({ input: { tokens }, sampling: { maxTokens: 500, ignoreEos: true } })

describe.each([1, 2] as const)('%i in flight', depth => {
  it.each(['run', 'take'] as const)(
    'a device that is lost at %s ends every request with one clear error',
    async when => {
      const engine = await engineOver(new Mortal(when), depth)
      const requests = [1, 2, 3].map(id => collect(engine.generate(endless([id, 2, 3]))))
      for (const result of await Promise.allSettled(requests)) {
        expect(result).toMatchObject({ status: 'rejected', reason: expect.any(InternalError) })
        expect((result as PromiseRejectedResult).reason.message).toBe('the engine failed: the GPU fell off the bus')
      }
      expect(engine.health()).toEqual({ status: 'failed', reason: 'the engine failed: the GPU fell off the bus' })
      expect(engine.stats()).toMatchObject({ running: 0, waiting: 0, kvBlocksUsed: 0 })
      await expect(collect(engine.generate(endless([1])))).rejects.toThrow('the GPU fell off the bus')
      await engine.close()
    },
  )

  it('a step that cannot be run ends its own requests and no others', async () => {
    const engine = await engineOver(new Narrow(LETTERS), depth)
    const request = (count: number) => ({
      input: { tokens: Array(count).fill(5) },
      sampling: { maxTokens: 30, ignoreEos: true },
    })
    await expect(collect(engine.generate(request(9)))).rejects.toThrow('the step failed: a step of 9 tokens; 8 fit')
    const { done } = await collect(engine.generate(request(8)))
    expect(done.usage.completionTokens).toBe(30)
    expect(engine.health().status).toBe('ready')
    await engine.close()
  })
})
