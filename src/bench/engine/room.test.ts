import { expect, test } from 'vitest'
import { modelShape } from '../../native/index.ts'
import { roomFor } from './room.ts'

const llama = modelShape('llama-2-7b')

test('contexts are those of an engine that serves, the cache is what is needed', () => {
  const room = roomFor(llama, { device: 'cpu' }, [
    { sequences: 32, context: 130 },
    { sequences: 1, context: 600 },
  ])
  expect(room).toEqual({
    device: 'cpu',
    contextLength: 2048,
    maxSequences: 32,
    kvMemory: 32 * Math.ceil(130 / 16) * 16 * 2 * 524_288,
  })
})

test('what is asked for holds, and nothing exceeds the model', () => {
  expect(roomFor(llama, { contextLength: 100, maxSequences: 1 }, [{ sequences: 300, context: 5000 }])).toMatchObject({
    contextLength: 100,
    maxSequences: 1,
    tokenBudget: 2048,
  })
  expect(roomFor(llama, {}, [{ sequences: 1, context: 5000 }]).contextLength).toBe(4096)
})
