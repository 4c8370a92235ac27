import type { FileHandle } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { VirtualClock } from '../../clock/index.ts'
import { AppendFile } from './append-file.ts'

type Act = 'write' | 'sync'

/** A file that notes what is done with it. `hold`: what is begun from then on stays under way until it is let go. */
function recording() {
  const done: string[] = []
  const held: Partial<Record<Act, Promise<void>>> = {}
  const faults: Partial<Record<Act, Error>> = {}
  const act = async (kind: Act, text: string) => {
    done.push(text)
    await held[kind]
    if (faults[kind]) throw faults[kind]
  }
  const handle = {
    appendFile: (text: string) => act('write', `write ${text}`),
    datasync: () => act('sync', 'sync'),
    close: async () => {
      done.push('close')
    },
  }
  return {
    done,
    handle: handle as unknown as FileHandle,
    hold: (kind: Act) => {
      let letGo = () => {}
      held[kind] = new Promise(resolve => {
        letGo = resolve
      })
      return () => {
        delete held[kind]
        letGo()
      }
    },
    fail: (kind: Act, error: Error) => {
      faults[kind] = error
    },
  }
}

function open() {
  const clock = new VirtualClock()
  const disk = recording()
  const failures: Error[] = []
  const file = new AppendFile(disk.handle, { clock, flushMs: 200, onFailure: error => failures.push(error) })
  return { clock, disk, file, failures }
}

/** Lets all that is ready to happen do so. */
async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve))
}

test('what comes in one turn is one write, and what comes meanwhile is the next', async () => {
  const { disk, file } = open()
  const letGo = disk.hold('write')
  for (const text of ['a', 'b']) file.append(text)
  await Promise.resolve()
  file.append('c')
  await turns()
  for (const text of ['d', 'e']) file.append(text)
  await turns()
  expect(disk.done).toEqual(['write abc'])
  letGo()
  await file.close()
  expect(disk.done.filter(each => each !== 'sync')).toEqual(['write abc', 'write de', 'close'])
  expect(disk.done.slice(-2)).toEqual(['sync', 'close'])
})

test('it is on the disk every 200 ms at most, and not when there is nothing new', async () => {
  const { clock, disk, file } = open()
  const syncs = () => disk.done.filter(each => each === 'sync').length
  const after: number[] = []
  for (let now = 0; now < 1000; now += 10) {
    file.append('.')
    await turns()
    await clock.advance(10)
    await turns()
    after.push(syncs())
  }
  expect(syncs()).toBeGreaterThanOrEqual(5)
  expect(syncs()).toBeLessThanOrEqual(6)
  for (let i = 0; i < 10; i++) {
    await clock.advance(200)
    await turns()
  }
  const idle = syncs()
  expect(idle).toBeLessThanOrEqual(7)
  await file.close()
  expect(syncs()).toBe(idle)
})

test('what is written while a sync is under way is on the disk by the next', async () => {
  const { clock, disk, file } = open()
  const letGo = disk.hold('sync')
  file.append('a')
  await turns()
  await clock.advance(0)
  file.append('b')
  await turns()
  await clock.advance(0)
  expect(disk.done).toEqual(['write a', 'sync', 'write b'])
  letGo()
  await turns()
  await clock.advance(199)
  expect(disk.done).toEqual(['write a', 'sync', 'write b'])
  await clock.advance(1)
  expect(disk.done).toEqual(['write a', 'sync', 'write b', 'sync'])
})

test('what waited long is more than one write', async () => {
  const { disk, file } = open()
  const letGo = disk.hold('write')
  const long = 'x'.repeat(2 ** 19)
  for (let i = 0; i < 5; i++) file.append(long)
  letGo()
  await file.close()
  const lengths = disk.done.filter(each => each.startsWith('write')).map(each => each.length - 'write '.length)
  expect(lengths).toEqual([2 ** 20, 2 ** 20, 2 ** 19])
})

test('after a failure it writes nothing, and says so once', async () => {
  const { disk, file, failures } = open()
  disk.fail('write', new Error('full'))
  file.append('a')
  await file.flush()
  file.append('b')
  await file.flush()
  await file.close()
  expect(disk.done).toEqual(['write a', 'close'])
  expect(failures.map(({ message }) => message)).toEqual(['full'])
})

test('a sync that fails while more is written ends that too', async () => {
  const { clock, disk, file, failures } = open()
  disk.fail('sync', new Error('broken'))
  file.append('a')
  await turns()
  const letGo = disk.hold('write')
  file.append('b')
  await turns()
  file.append('c')
  await clock.advance(0)
  expect(failures).toHaveLength(1)
  letGo()
  await file.close()
  expect(disk.done.filter(each => each.startsWith('write'))).toEqual(['write a', 'write b'])
})

test('a sync that fails is a failure: what the disk has is not known any more', async () => {
  const { disk, file, failures } = open()
  file.append('a')
  await turns()
  disk.fail('sync', new Error('broken'))
  await file.flush()
  file.append('b')
  await file.close()
  expect(failures.map(({ message }) => message)).toEqual(['broken'])
  expect(disk.done.filter(each => each.startsWith('write'))).toEqual(['write a'])
})
