import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BodyReader } from './body-reader.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

const KIB = Buffer.alloc(1024)

/** Sends so many bytes each second, and says when and how it ended. */
async function sendSteadily(bytesPerSecond: number, seconds: number): Promise<string> {
  const incoming = Object.assign(new EventEmitter(), { headers: { 'content-type': 'application/json' } })
  const limits = { maxBodyBytes: 2 ** 20, bodyTimeoutMs: 10_000 }
  const reader = new BodyReader(incoming as unknown as IncomingMessage, {} as ServerResponse, limits)
  let end: string | undefined
  reader.read().then(
    body => {
      end = `${body.length} bytes`
    },
    (error: Error) => {
      end = error.message
    },
  )
  for (let second = 1; second <= seconds; second++) {
    vi.advanceTimersByTime(1000)
    if (bytesPerSecond > 0) incoming.emit('data', Buffer.alloc(bytesPerSecond))
    reader.tick(performance.now())
    await Promise.resolve()
    await Promise.resolve()
    if (end !== undefined) return `after ${second} s: ${end}`
  }
  incoming.emit('end')
  await new Promise(resolve => setImmediate(resolve))
  return end!
}

test('a body at 1 KiB/s is read, however long it takes', async () => {
  expect(await sendSteadily(KIB.length, 100)).toBe('102400 bytes')
})

test('a slower one is given up once its first ten seconds are over', async () => {
  expect(await sendSteadily(KIB.length - 1, 100)).toBe('after 11 s: the body comes at less than 1 KiB/s')
  expect(await sendSteadily(1, 10)).toBe('10 bytes')
})

test('silence is given up', async () => {
  expect(await sendSteadily(0, 100)).toBe('after 11 s: nothing of the body came for 10000 ms')
})
