import { describe, expect, test } from 'vitest'
import type { VirtualClock } from '../../clock/index.ts'
import { createMockEngine } from '../../mock/index.ts'
import type { LoadSpec } from '../load/load.ts'
import type { Work } from '../work/work.ts'
import { driveClients, singleTurns } from './testing/drive-clients.ts'

const engine = (clock: VirtualClock) => createMockEngine({ ttftMs: 20, itlMs: 5, steps: 'own', clock })
const loads: readonly (readonly [string, LoadSpec])[] = [
  ['closed', { kind: 'closed', concurrency: 3 }],
  ['open', { kind: 'open', rate: 100, arrivals: 'constant' }],
]

describe.each(loads)('a client of a load that is %s', (_, load) => {
  const spec = { load, warmUp: { requests: 2 }, measure: { seconds: 1 } }

  test.each([
    ['breaks', 5],
    ['breaks at once', 0],
  ])('ends where its work %s', async (_, at) => {
    const work: Work = {
      dialogue: index => {
        if (index >= at) throw new RangeError(`nothing at ${index}`)
        return singleTurns.dialogue(index)
      },
    }
    await expect(driveClients(spec, { engine, work })).rejects.toThrow(`nothing at ${at}`)
  })

  test('refuses work that asks nothing, rather than to look for more for ever', async () => {
    const work: Work = { dialogue: () => ({ next: () => undefined }) }
    await expect(driveClients(spec, { engine, work })).rejects.toThrow('dialogue 0 asks nothing')
  })

  test('has nothing to do where nothing is to be measured', async () => {
    const { records } = await driveClients({ ...spec, warmUp: { requests: 0 }, measure: { requests: 0 } }, { engine })
    expect(records.filter(({ phase }) => phase !== 'cool-down')).toEqual([])
  })

  test('stopped before its start it does nothing', async () => {
    const { records } = await driveClients(spec, { engine, stopAtMs: 0 })
    expect(records.every(({ outcome }) => outcome === 'aborted')).toBe(true)
  })
})
