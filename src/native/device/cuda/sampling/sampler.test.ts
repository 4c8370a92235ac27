import { afterAll, describe, expect, it } from 'vitest'
import { KernelCache, openCuda } from '../../../../cuda/index.ts'
import { sequenceKey } from '../../../sampling/philox.ts'
import type { RowSampling, SampledRow } from '../../../sampling/row.ts'
import { sampleRow } from '../../../sampling/sample-row.ts'
import { PLAIN_ROW, SAMPLING_ROWS, samplingRows } from '../../testing/sampling-rows.ts'
import { KernelLibrary } from '../kernels/kernel-library.ts'
import { CudaTensor } from '../tensor.ts'
import { testCard } from '../testing/test-card.ts'
import type { Tools } from '../tools.ts'
import { Drawing } from './drawing.ts'
import { Sampler } from './sampler.ts'

const MAX_ROWS = 24

const card = testCard()

describe.skipIf(card === undefined)(`Sampler, on ${card?.name ?? 'no GPU'}`, () => {
  if (card === undefined) return
  const context = openCuda().devices[0]!.open()
  const stream = context.createStream()
  const taken = new Map<string, number>()
  const tools = {
    library: new KernelLibrary(context, new KernelCache(undefined)),
    techniques: new Set(),
    step: { drawn: context.allocate(4 * MAX_ROWS).pointer },
    workspace(name: string, bytes: number) {
      const key = `${name} ${bytes}`
      if (!taken.has(key)) taken.set(key, context.allocate(bytes).pointer)
      return taken.get(key)!
    },
  } as unknown as Tools
  const drawings = new Map<number, Drawing>()
  afterAll(() => context[Symbol.dispose]())

  /** What the card draws from `values` `[rows, vocab]`. */
  function draw(values: Float32Array, rows: readonly RowSampling[]): readonly SampledRow[] {
    const vocab = values.length / rows.length
    if (!drawings.has(vocab)) {
      drawings.set(vocab, new Drawing(context, new Sampler(tools, { maxRows: MAX_ROWS, vocab, maxContext: 100 })))
    }
    const drawing = drawings.get(vocab)!
    using memory = context.allocate(values.byteLength)
    stream.copyToDevice(memory.pointer, values)
    drawing.stage(stream, rows, rows.length)
    const logits = new CudaTensor({}, [rows.length, vocab], 'f32', 'activations', memory.pointer)
    for (const operation of drawing.operations(logits, rows.length)) operation.enqueue(stream)
    return drawing.collect(stream, rows)()
  }

  /** Draws, and compares with the reference. */
  function check(values: Float32Array, options: readonly Partial<RowSampling>[]): void {
    const vocab = values.length / options.length
    const rows = samplingRows(options)
    const found = draw(values, rows)
    for (const [r, row] of rows.entries()) {
      const expected = sampleRow(values.subarray(r * vocab, (r + 1) * vocab), row)
      const { id, logprob, top } = found[r]!
      expect({ row: options[r], id, top: top.map(([id]) => id) }).toEqual({
        row: options[r],
        id: expected.id,
        top: expected.top.map(([id]) => id),
      })
      const logprobs = [logprob, ...top.map(([, each]) => each)]
      const due = [expected.logprob, ...expected.top.map(([, each]) => each)]
      for (const [i, each] of due.entries()) {
        if (Number.isFinite(each)) expect(Math.abs(logprobs[i]! - each)).toBeLessThan(1e-4)
        else expect(logprobs[i]).toEqual(each)
      }
    }
  }

  it.each([3, 2049])('chooses as the reference does of %i tokens', vocab => {
    check(normal(SAMPLING_ROWS.length * vocab, vocab), SAMPLING_ROWS)
  })

  it('chooses as the reference does where numbers are few', () => {
    const vocab = 3000
    const few = (rest: number) =>
      normal(SAMPLING_ROWS.length * vocab, 5).map((value, i) =>
        i % 1000 === 7 ? value : i % 2 === 0 ? Number.NaN : rest,
      )
    check(few(Number.NEGATIVE_INFINITY), SAMPLING_ROWS)
    check(few(Number.POSITIVE_INFINITY), SAMPLING_ROWS)
  })

  it('draws as the reference does, position after position', () => {
    const vocab = 700
    const values = normal(MAX_ROWS * vocab, 11)
    for (const row of [{}, { topP: 0.8 }, { topK: 20 }, { minP: 0.02 }]) {
      for (let first = 0; first < 240; first += MAX_ROWS) {
        check(
          values,
          Array.from({ length: MAX_ROWS }, (_, i) => ({ ...row, key: sequenceKey(9, 0), position: first + i })),
        )
      }
    }
  })

  it('counts the token that the row before drew', () => {
    const likeliest = (id: number, second: number) =>
      Float32Array.from({ length: 50 }, (_, i) => (i === id ? 9 : i === second ? 8 : 0))
    const penalised = { temperature: 0, presencePenalty: 2 }
    const values = new Float32Array([...likeliest(4, 5), ...likeliest(6, 7)])
    const greedy = { ...PLAIN_ROW, temperature: 0 }
    expect(draw(values, [greedy, greedy]).map(({ id }) => id)).toEqual([4, 6])
    // Rows have changed places.
    const moved = new Float32Array([...likeliest(6, 7), ...likeliest(4, 5)])
    const rows = [1, 0].map(drawnBy => ({ ...PLAIN_ROW, ...penalised, drawnBy }))
    expect(draw(moved, rows).map(({ id }) => id)).toEqual([7, 5])
    // Its count goes up by one where it has one.
    const again = { ...PLAIN_ROW, temperature: 0, frequencyPenalty: 0.4, counts: new Map([[7, 2]]) }
    expect(draw(likeliest(7, 9), [{ ...again, drawnBy: 0 }]).map(({ id }) => id)).toEqual([9])
    expect(draw(likeliest(7, 9), [again]).map(({ id }) => id)).toEqual([7])
    const repeated = { ...PLAIN_ROW, temperature: 0, repetitionPenalty: 1.1, seen: new Set([7]), drawnBy: 0 }
    expect(draw(likeliest(7, 9), [repeated]).map(({ id }) => id)).toEqual([7])
  })

  it('refuses more list than there is room for', () => {
    const row = { ...PLAIN_ROW, repetitionPenalty: 2, seen: new Set(Array.from({ length: 60_000 }, (_, i) => i)) }
    expect(() => draw(new Float32Array(50), [row])).toThrow(RangeError)
  })
})

/** Logits that spread like a model's, from `seed`. */
function normal(count: number, seed: number): Float32Array {
  let state = seed
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  return Float32Array.from({ length: count }, () => {
    return 2 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  })
}
