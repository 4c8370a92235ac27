import { expect, test } from 'vitest'
import { PostOffice } from './post-office.ts'

const MEBIBYTES = (count: number) => Buffer.alloc(count * 2 ** 20)
const CONTEXT = '0'.repeat(16)

function office() {
  const held: string[] = []
  const office = new PostOffice({ hold: (source, isHeld) => held.push(`${isHeld ? 'hold' : 'release'} ${source}`) })
  const box = office.open(CONTEXT, { members: [0, 1, 2], self: 0 })
  const came: number[] = []
  const receive = (match: { source?: number; tag?: number }) =>
    box.receive({ match, take: ({ tag }) => came.push(tag), fail: () => {} })
  const arrive = (source: number, tag: number, mebibytes = 16) =>
    office.arrive(source, { context: CONTEXT, tag }, MEBIBYTES(mebibytes))
  return { office, box, held, came, receive, arrive }
}

test('a rank is held while more than 64 MiB of it wait, and let go once they do not', () => {
  const { held, receive, arrive } = office()
  for (let i = 0; i < 4; i++) arrive(1, i)
  expect(held).toEqual([])
  arrive(1, 4)
  arrive(2, 4)
  expect(held).toEqual(['hold 1'])
  receive({ source: 1 })
  expect(held).toEqual(['hold 1', 'release 1'])
})

test.each([
  ['of it', { source: 1, tag: 9 }],
  ['of anybody', { tag: 9 }],
])('it is let go for who looks for a message %s that is behind what waits', (_, match) => {
  const { held, came, receive, arrive } = office()
  for (let i = 0; i < 5; i++) arrive(1, i)
  receive({ source: 2, tag: 9 })
  expect(held).toEqual(['hold 1'])
  receive(match)
  expect(held).toEqual(['hold 1', 'release 1'])
  // As long as somebody waits, whatever comes may be what is waited for.
  arrive(1, 5)
  expect(held).toEqual(['hold 1', 'release 1'])
  arrive(1, 9)
  expect(came).toEqual([9])
  arrive(1, 6)
  expect(held).toEqual(['hold 1', 'release 1', 'hold 1'])
})

test('it is let go for who asks again and again', () => {
  const { held, box, arrive } = office()
  for (let i = 0; i < 5; i++) arrive(1, i)
  expect(box.peek({ tag: 9 })).toBeUndefined()
  expect(held).toEqual(['hold 1', 'release 1'])
  expect(box.peek({ tag: 3 })?.tag).toBe(3)
})

test('closing lets go of everybody, and forgets', () => {
  const { office: closed, held, arrive } = office()
  for (let i = 0; i < 5; i++) arrive(1, i)
  closed.close()
  expect(held).toEqual(['hold 1', 'release 1'])
  for (let i = 0; i < 5; i++) arrive(1, i)
  expect(held).toEqual(['hold 1', 'release 1'])
})
