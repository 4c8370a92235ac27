import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Match, Message } from '../communicator.ts'
import { MpiError } from '../errors.ts'
import { Mailbox } from './mailbox.ts'

const message = (source: number, tag: number, id = 0): Message => {
  const data = Buffer.alloc(4)
  data.writeInt32LE(id)
  return { source, tag, bytes: 4, data }
}
const idOf = ({ data }: Message) => data.readInt32LE()

const small = fc.nat({ max: 2 })
const match: fc.Arbitrary<Match> = fc.record({ source: small, tag: small }, { requiredKeys: [] })

type Step =
  | { readonly do: 'arrive'; readonly source: number; readonly tag: number }
  | { readonly do: 'receive'; readonly match: Match }
  | { readonly do: 'probe'; readonly match: Match }
  | { readonly do: 'withdraw'; readonly which: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('arrive' as const), source: small, tag: small }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('receive' as const), match }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('probe' as const), match }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), which: fc.nat({ max: 20 }) }) },
)

const fits = ({ source, tag }: Match, one: { source: number; tag: number }) =>
  (source ?? one.source) === one.source && (tag ?? one.tag) === one.tag

test('messages and receives meet by MPI’s rule, whatever comes first', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const box = new Mailbox()
      const met: [receive: number, message: number][] = []
      const posted: { readonly id: number; readonly waiting: Parameters<Mailbox['receive']>[0] }[] = []
      // The rule, as slowly as it can be said: two lists in order.
      const due: [number, number][] = []
      let receives: { id: number; match: Match }[] = []
      let messages: { id: number; source: number; tag: number }[] = []
      for (const [id, step] of steps.entries()) {
        if (step.do === 'arrive') {
          box.arrive(message(step.source, step.tag, id))
          const first = receives.find(({ match }) => fits(match, step))
          if (first) due.push([first.id, id])
          else messages.push({ id, source: step.source, tag: step.tag })
          receives = receives.filter(receive => receive !== first)
        } else if (step.do === 'receive') {
          const waiting = {
            match: step.match,
            take: (message: Message) => met.push([id, idOf(message)]),
            fail: () => {},
          }
          posted.push({ id, waiting })
          box.receive(waiting)
          const first = messages.find(message => fits(step.match, message))
          if (first) due.push([id, first.id])
          else receives.push({ id, match: step.match })
          messages = messages.filter(message => message !== first)
        } else if (step.do === 'probe') {
          expect(box.peek(step.match) && idOf(box.peek(step.match)!)).toBe(
            messages.find(message => fits(step.match, message))?.id,
          )
        } else {
          const chosen = posted[step.which]
          if (!chosen) continue
          const wasWaiting = receives.some(({ id }) => id === chosen.id)
          expect(box.withdraw(chosen.waiting)).toBe(wasWaiting)
          receives = receives.filter(({ id }) => id !== chosen.id)
        }
        expect(met).toEqual(due)
      }
    }),
    { numRuns: 500 },
  )
})

describe('who is gone', () => {
  const lost = new MpiError('lost', 'it is gone')

  function waiting(match: Match) {
    const seen: string[] = []
    return { match, seen, take: () => seen.push('message'), fail: ({ kind }: MpiError) => seen.push(kind) }
  }

  test.each([
    ['of it', { source: 1 }, false, ['lost']],
    ['of another', { source: 2 }, false, []],
    ['of anybody', {}, false, []],
    ['of it, in a collective', { source: 1 }, true, ['lost']],
    ['of another, in a collective', { source: 2 }, true, ['lost']],
  ])('a lost rank: who waits for a message %s', (_, match, fragile, expected) => {
    const absent = new Map<number, { error: MpiError; left: boolean }>()
    const box = new Mailbox(absent)
    box.open({ members: [0, 1, 2], self: 0, fragile })
    const [early, late] = [waiting(match), waiting(match)]
    box.receive(early)
    absent.set(1, { error: lost, left: false })
    box.review()
    box.receive(late)
    expect([early.seen, late.seen]).toEqual([expected, expected])
  })

  test.each([
    ['it', 1, ['lost']],
    ['another', 2, []],
  ])('one that has left fails a collective only for who waits for %s', (_, source, expected) => {
    const absent = new Map<number, { error: MpiError; left: boolean }>()
    const box = new Mailbox(absent)
    box.open({ members: [0, 1, 2], self: 0, fragile: true })
    const one = waiting({ source })
    box.receive(one)
    absent.set(1, { error: lost, left: true })
    box.review()
    expect(one.seen).toEqual(expected)
  })

  test('what came before is received; with everybody gone, nobody waits for anybody', () => {
    const absent = new Map<number, { error: MpiError; left: boolean }>()
    const box = new Mailbox(absent)
    box.open({ members: [0, 1, 2], self: 0 })
    box.arrive(message(1, 0))
    absent.set(1, { error: lost, left: false })
    box.review()
    const [first, second] = [waiting({ source: 1 }), waiting({ source: 1 })]
    box.receive(first)
    box.receive(second)
    expect([first.seen, second.seen]).toEqual([['message'], ['lost']])
    const anybody = waiting({})
    const probing = waiting({})
    box.receive(anybody)
    box.probe(probing)
    absent.set(2, { error: lost, left: true })
    box.review()
    expect([anybody.seen, probing.seen]).toEqual([['lost'], ['lost']])
  })
})
