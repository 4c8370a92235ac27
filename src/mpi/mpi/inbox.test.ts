import { expect, test } from 'vitest'
import { Inbox, type InboxRuntime } from './inbox.ts'
import type { Watched } from './progress.ts'
import type { Arrived } from './runtime.ts'

const COMM = 7

/** An MPI that gives `answers` in turn, and then nothing more. */
function library(answers: readonly (Arrived | undefined)[]) {
  const left = [...answers]
  const watched = new Set<Watched>()
  const runtime: InboxRuntime = {
    improbe: () => left.shift(),
    progress: { watch: who => watched.add(who), unwatch: who => watched.delete(who) },
  }
  return { runtime, watched, left }
}

const message = (tag: number): Arrived => ({ source: 1, tag, bytes: 4, handle: 100 + tag })

test('a message that MPI finds at the second question is taken at once, not after a pause', () => {
  const { runtime, watched, left } = library([undefined, message(0), undefined, message(1)])
  const inbox = new Inbox(runtime, COMM)
  const taken: Arrived[] = []
  const receive = (tag: number) =>
    inbox.receive({
      match: { source: 1, tag },
      take: arrived => taken.push(arrived),
      fail: error => expect.fail(String(error)),
    })
  receive(0)
  receive(1)
  expect(taken).toEqual([message(0), message(1)])
  expect(left).toEqual([])
  expect(watched.size).toBe(0)
})

test('whoever waits in vain is looked after until something comes', () => {
  const { runtime, watched, left } = library([undefined, undefined])
  const inbox = new Inbox(runtime, COMM)
  expect(inbox.peek({ source: 1, tag: 0 })).toBeUndefined()
  expect(watched.size).toBe(0)
  const taken: Arrived[] = []
  inbox.receive({ match: {}, take: arrived => taken.push(arrived), fail: error => expect.fail(String(error)) })
  expect(watched.has(inbox)).toBe(true)
  expect(inbox.look()).toBe(false)
  left.push(message(3))
  expect(inbox.look()).toBe(true)
  expect(taken).toEqual([message(3)])
  expect(watched.size).toBe(0)
})
