import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Roster } from './index.ts'

test('holds what a Set would, whatever comes and goes', () => {
  const command = fc.tuple(fc.boolean(), fc.nat(9))
  fc.assert(
    fc.property(fc.array(command), commands => {
      const items = Array.from({ length: 10 }, () => ({ place: -1 }))
      const roster = new Roster<(typeof items)[number]>()
      const set = new Set<(typeof items)[number]>()
      for (const [comes, which] of commands) {
        const item = items[which]!
        if (!comes) {
          roster.delete(item)
          set.delete(item)
        } else if (item.place < 0) {
          roster.add(item)
          set.add(item)
        }
        expect(roster.size).toBe(set.size)
        expect(new Set(roster)).toEqual(set)
        expect(items.filter(({ place }) => place >= 0)).toHaveLength(set.size)
      }
    }),
  )
})

test('whoever goes while all are told is still told', () => {
  const roster = new Roster<{ place: number }>()
  for (let i = 0; i < 3; i++) roster.add({ place: -1 })
  let told = 0
  for (const item of roster) {
    roster.delete(item)
    told++
  }
  expect([told, roster.size]).toEqual([3, 0])
})
