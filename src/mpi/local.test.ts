import { describe, expect, test } from 'vitest'
import { VirtualClock } from '../clock/index.ts'
import { localGroup } from './local.ts'
import { CONFORMANCE, runConformance } from './testing/conformance.ts'

describe.each([1, 2, 3, 5])('%i ranks in one process', size => {
  test.each(CONFORMANCE.filter(({ ranks = 1 }) => ranks <= size))('$name', async ({ run }) => {
    await Promise.all(localGroup(size).map(run))
  })
})

test('all cases one after the other, on one group, with latency', async () => {
  await Promise.all(localGroup(3, { latencyMs: 0.1 }).map(world => runConformance(world)))
})

describe('what can happen to a rank', () => {
  const text = ({ data }: { data: Buffer }) => data.toString()

  test('messages take their time, by the clock, and keep their order', async () => {
    const clock = new VirtualClock()
    const [lead, worker] = localGroup(2, { latencyMs: 10, clock })
    const seen: string[] = []
    for (let i = 0; i < 2; i++) void worker!.receive().then(message => seen.push(`${text(message)} at ${clock.now()}`))
    await lead!.send(Buffer.from('first'), 1)
    await clock.advance(5)
    await lead!.send(Buffer.from('second'), 1)
    await clock.advance(4)
    expect(seen).toEqual([])
    await clock.advance(6)
    expect(seen).toEqual(['first at 10', 'second at 15'])
  })

  test('without latency, a clock that stands still holds nothing up', async () => {
    const [lead, worker] = localGroup(2, { clock: new VirtualClock() })
    await lead!.send(Buffer.from('now'), 1)
    expect(text(await worker!.receive())).toBe('now')
  })

  test('what is sent is copied', async () => {
    const [lead, worker] = localGroup(2)
    const memory = Buffer.from('one')
    await lead!.send(memory, 1)
    memory.write('two')
    expect(text(await worker!.receive())).toBe('one')
  })

  test('a killed rank is silent, and what was under way from it is gone', async () => {
    const clock = new VirtualClock()
    const group = localGroup(3, { latencyMs: 10, clock })
    await group[1]!.send(Buffer.from('last words'), 0)
    group.kill(1)
    await group[1]!.send(Buffer.from('from the dead'), 0)
    await group[0]!.send(Buffer.from('to the dead'), 1)
    await group[2]!.send(Buffer.from('alive'), 0)
    group.thaw(1)
    await clock.advance(100)
    expect(text(await group[0]!.receive())).toBe('alive')
    expect(group[0]!.iprobe()).toBeUndefined()
    expect(group[1]!.iprobe()).toBeUndefined()
  })

  test('a frozen rank sends and gets everything once it thaws, in order', async () => {
    const clock = new VirtualClock()
    const group = localGroup(2, { latencyMs: 1, clock })
    group.freeze(1)
    for (const word of ['a', 'b', 'c']) {
      await group[0]!.send(Buffer.from(word), 1)
      await group[1]!.send(Buffer.from(word.toUpperCase()), 0)
    }
    await clock.advance(1000)
    expect([group[0]!.iprobe(), group[1]!.iprobe()]).toEqual([undefined, undefined])
    group.thaw(1)
    for (const word of ['a', 'b', 'c']) {
      expect(text(await group[1]!.receive())).toBe(word)
      expect(text(await group[0]!.receive())).toBe(word.toUpperCase())
    }
  })

  test('whoever has left gets nothing, and holds nobody up', async () => {
    const [lead, worker] = localGroup(2)
    await worker!.close()
    await lead!.send(Buffer.from('anybody there?'), 1)
    await lead!.close()
  })
})
