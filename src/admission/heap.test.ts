import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap, HeapEntry } from './heap.ts'

const changes = fc.array(
  fc.record({ item: fc.integer({ min: 0, max: 15 }), key: fc.option(fc.integer({ min: 0, max: 20 })) }),
  { maxLength: 200 },
)

test('the least key is first, whatever was put in, moved and taken out', () => {
  fc.assert(
    fc.property(changes, steps => {
      const heap = new Heap<number>()
      const entries = Array.from({ length: 16 }, (_, item) => new HeapEntry(item))
      const model = new Map<number, number>()
      for (const { item, key } of steps) {
        if (key === null) expect(heap.remove(entries[item]!)).toBe(model.delete(item))
        else {
          heap.put(entries[item]!, key, item)
          model.set(item, key)
        }
        const first = [...model].sort(([a, x], [b, y]) => x - y || a - b)[0]
        expect([heap.size, heap.first, heap.firstKey]).toEqual([
          model.size,
          first?.[0],
          first?.[1] ?? Number.POSITIVE_INFINITY,
        ])
      }
    }),
  )
})
