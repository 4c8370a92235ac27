import { expect, test } from 'vitest'
import { VirtualClock } from '../../clock/index.ts'
import {
  DeadlineExceededError,
  type Engine,
  type EngineError,
  type Event,
  type GenerateRequest,
  InvalidRequestError,
  OverloadedError,
  UnreachableError,
} from '../../engine/index.ts'
import { createMockEngine } from '../../mock/index.ts'
import { Executor, type ExecutorOptions } from './executor.ts'
import { retryDelayMs } from './retry-delay.ts'

const ORDER = { job: 3, attempt: 1, input: { text: 'Once' } }
const never = new AbortController().signal

/** A mock that fails first; what it was asked is kept. */
function failing(clock: VirtualClock, ...errors: EngineError[]) {
  const mock = createMockEngine({ ttftMs: 10, itlMs: 1, tokens: 4, clock })
  const asked: GenerateRequest[] = []
  const generate: Engine['generate'] = (request, options) => {
    asked.push(request)
    const error = errors.shift()
    if (error === undefined) return mock.generate(request, options)
    // biome-ignore lint/correctness/useYield: it fails before there is anything
    return (async function* (): AsyncGenerator<Event> {
      throw error
    })()
  }
  const engine: Engine = new Proxy(mock, {
    get: (target, key) => (key === 'generate' ? generate : Reflect.get(target, key)),
  })
  return { engine, asked }
}

async function run(errors: EngineError[], options: Partial<ExecutorOptions> = {}) {
  const clock = new VirtualClock()
  const { engine, asked } = failing(clock, ...errors)
  const executor = new Executor(engine, { sampling: {}, send: 'text', clock, random: () => 0.5, ...options })
  const running = executor.run(ORDER, never)
  let over = false
  void running.then(() => {
    over = true
  })
  while (!over) {
    await clock.advance(1)
  }
  return { result: await running, asked, clock }
}

test('an answer, with its times', async () => {
  const { result } = await run([])
  expect(result).toMatchObject({ job: 3, attempt: 1, ok: true, outputTokens: 4, finishReason: 'stop', tries: 1 })
  expect(result.ttftMs).toBeGreaterThanOrEqual(10)
  expect(result.serviceMs).toBeGreaterThanOrEqual(result.ttftMs!)
  expect(result.text).not.toBe('')
})

test('what may go well the next time is asked again, after a while', async () => {
  const { result, asked } = await run([new UnreachableError('gone'), new OverloadedError('full', 40)])
  expect(result).toMatchObject({ ok: true, tries: 3 })
  expect(asked).toHaveLength(3)
  expect(result.heldMs - result.serviceMs).toBeGreaterThanOrEqual(250 + 40)
})

test('in the end it is a failure, with the last reason', async () => {
  const errors = [new UnreachableError('a'), new UnreachableError('b'), new UnreachableError('c')]
  const { result } = await run(errors)
  expect(result).toMatchObject({ ok: false, tries: 3, outputTokens: 0, error: { code: 'unreachable', message: 'c' } })
})

test('what would be the same the next time is not', async () => {
  const { result, asked } = await run([new InvalidRequestError('no')])
  expect(result).toMatchObject({ ok: false, error: { code: 'invalid_request' } })
  expect(asked).toHaveLength(1)
})

test('an answer that takes too long is given up', async () => {
  const { result } = await run([], { timeoutMs: 5, retries: 0 })
  expect(result).toMatchObject({
    ok: false,
    error: { code: 'deadline_exceeded', message: 'there was no whole answer within 0.005 s' },
  })
})

test('text is a chat where the target has a template, unless it is to be sent as it is', async () => {
  const chat = await run([], { send: 'auto' })
  expect(chat.asked[0]?.input).toEqual({ messages: [{ role: 'user', content: 'Once' }] })
  expect((await run([])).asked[0]?.input).toEqual({ text: 'Once' })
})

test('waits grow, and never beyond what the server asks for or 8 s', () => {
  const delay = (retry: number, error: EngineError) => retryDelayMs(error, retry, () => 0.5)
  expect([0, 1, 2, 9].map(retry => delay(retry, new UnreachableError('x')))).toEqual([250, 500, 1000, 8000])
  expect(delay(0, new OverloadedError('x', 3000))).toBe(3000)
  expect(delay(0, new DeadlineExceededError('x'))).toBe(250)
  expect(delay(0, new InvalidRequestError('x'))).toBeUndefined()
})
