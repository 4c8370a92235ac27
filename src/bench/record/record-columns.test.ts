import { deserialize, serialize } from 'node:v8'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ENGINE_ERROR_CODES } from '../../engine/index.ts'
import { Arrivals } from './arrivals.ts'
import { type Ended, RecordWriter, readRecords } from './record-columns.ts'

const ms = fc.double({ min: 0, max: 1e7, noNaN: true })
const tokens = fc.nat(2 ** 31)
const ended = fc.record({
  index: fc.nat(),
  turn: fc.nat(100),
  phase: fc.constantFrom('warm-up', 'measure', 'cool-down'),
  dueMs: ms,
  sentMs: ms,
  startMs: fc.option(ms),
  endMs: ms,
  promptTokens: tokens,
  cachedTokens: tokens,
  outputTokens: tokens,
  askedTokens: tokens,
  outcome: fc.constantFrom('ok', ...ENGINE_ERROR_CODES),
  lagMs: ms,
  error: fc.option(fc.string(), { nil: undefined }),
  finishReason: fc.constantFrom(undefined, 'stop', 'length'),
  timings: fc.option(fc.record({ queuedMs: ms, prefillMs: ms, decodeMs: ms }), { nil: undefined }),
  timeline: fc.option(
    fc
      .record({ queuedAt: ms, admittedAt: ms, startedAt: ms, endedAt: ms, steps: fc.array(fc.tuple(ms, tokens)) })
      .map(({ steps, ...rest }) => ({ ...rest, tokensAt: steps.map(([at]) => at), tokens: steps.map(([, n]) => n) })),
    { nil: undefined },
  ),
}) satisfies fc.Arbitrary<Ended>
const arrivals = fc.array(fc.tuple(ms, tokens), { maxLength: 70 })

test('what is written is what is read on the other side, whatever the batch', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.tuple(ended, arrivals), { maxLength: 8 }), { maxLength: 4 }), batches => {
      const writer = new RecordWriter()
      const reused = new Arrivals()
      for (const batch of batches) {
        for (const [ended, arrivals] of batch) {
          reused.clear()
          for (const [at, tokens] of arrivals) reused.push(at, tokens)
          writer.add(ended, reused)
        }
        const { records, lagsMs } = readRecords(deserialize(serialize(writer.take())), 'run')
        expect([...lagsMs]).toEqual(batch.map(([{ lagMs }]) => lagMs))
        expect(records).toEqual(
          batch.map(([{ lagMs: _, ...ended }, arrivals]) => ({
            ...Object.fromEntries(Object.entries(ended).filter(([, value]) => value !== undefined)),
            id: `run-${ended.index}.${ended.turn}`,
            arrivalsMs: Float64Array.from(arrivals, ([at]) => at),
            arrivalTokens: Uint32Array.from(arrivals, ([, tokens]) => tokens),
          })),
        )
      }
    }),
    { numRuns: 200 },
  )
})
