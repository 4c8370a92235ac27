import { afterAll, describe, expect, it } from 'vitest'
import { BLOCK_SIZE } from '../../device.ts'
import { TECHNIQUES, type Technique } from '../techniques.ts'
import { CudaTensor } from '../tensor.ts'
import { testCard } from '../testing/test-card.ts'
import { TestTools } from '../testing/test-tools.ts'
import { attention, usesTiles } from './attention.ts'

const card = testCard()

/** Of two widths, since tiles of heads of 64 have a kernel of their own on some cards. */
const SHAPES = [16, 64].map(headDim => ({ heads: 6, kvHeads: 2, headDim }))
/** Of each of two sequences. */
const LENGTH = 700
const BLOCKS = Math.ceil(LENGTH / BLOCK_SIZE)

interface Query {
  readonly sequence: 0 | 1
  /** −1: padding. */
  readonly position: number
}

interface Plan {
  readonly queries: readonly Query[]
  /** Sizes of tiles; undefined: every query is a single. */
  readonly tiles?: readonly number[]
  readonly maxContext?: number
  readonly without?: readonly Technique[]
  /** Of the card, if it were another one. */
  readonly multiprocessors?: number
}

const name = `attention beside other work, on ${card?.name ?? 'no GPU'}`
describe.skipIf(card === undefined).each(SHAPES)(`${name}: heads of $headDim`, shape => {
  if (card === undefined) return
  const width = shape.heads * shape.headDim
  const rowWidth = (shape.heads + 2 * shape.kvHeads) * shape.headDim
  const test = new TestTools()
  afterAll(() => test[Symbol.dispose]())
  const kv = { k: cache(1), v: cache(2) }
  const blockTables = test.filled(Int32Array.from({ length: 2 * BLOCKS }, (_, i) => (i * 7) % (2 * BLOCKS)))

  function cache(seed: number): CudaTensor {
    const sizes = [2 * BLOCKS, BLOCK_SIZE, shape.kvHeads, shape.headDim]
    const elements = sizes.reduce((product, size) => product * size, 1)
    return new CudaTensor(test, sizes, 'bf16', 'kv-cache', test.filled(someBf16(elements, seed)))
  }

  /** Rows of the result, one for each query; a query's own numbers depend on who it is alone. */
  function results({ queries, tiles, maxContext = LENGTH, without = [], ...other }: Plan): Uint16Array[][] {
    const count = queries.length
    const rows = queries.flatMap(({ sequence, position }) => [...someBf16(rowWidth, 10 + 2 * position + sequence)])
    const qkv = new CudaTensor(test, [count, rowWidth], 'bf16', 'activations', test.filled(Uint16Array.from(rows)))
    const out = new CudaTensor(test, [count, width], 'bf16', 'activations', test.poisoned(count * width * 2))
    let token = 0
    const runs = (tiles ?? []).flatMap(size => {
      const first = token
      token += size
      return [first, size, queries[first]!.sequence, 0]
    })
    const step = {
      positions: test.filled(Int32Array.from(queries, ({ position }) => position)),
      sequences: test.filled(Int32Array.from(queries, ({ sequence }) => sequence)),
      singles: test.filled(Int32Array.from(queries, (_, i) => i)),
      tiles: test.filled(Int32Array.from([...runs, 0])),
      blockTables,
      maxBlocks: BLOCKS,
    }
    const techniques = new Set((Object.keys(TECHNIQUES) as Technique[]).filter(each => !without.includes(each)))
    const singles = { count: tiles === undefined ? count : 0, maxContext }
    const operations = attention(
      { ...test.tools(step, 'bf16'), techniques, ...other },
      { out, qkv, kv, heads: shape, scale: 0.5, window: undefined, singles, tiles: { count: tiles?.length ?? 0 } },
    )
    return [0, 1].map(() => {
      test.run(...operations)
      const values = test.read(new Uint16Array(count * width), out.pointer)
      return queries.map((_, i) => values.slice(i * width, (i + 1) * width))
    })
  }

  const single = { sequence: 1, position: 650 } as const
  const alone = results({ queries: [single] })[0]![0]!

  it('gives padding zeros', () => {
    const [rows] = results({ queries: [{ sequence: 0, position: -1 }, single] })
    expect(rows![0]).toEqual(new Uint16Array(width))
    expect(rows![1]).toEqual(alone)
  })

  it('gives a query the same bits alone and among others, at any size of the grid, again and again', () => {
    const others = [3, 127, 128, 500].map(position => ({ sequence: 0, position }) as const)
    for (const maxContext of [LENGTH, 10 * LENGTH]) {
      const [first, second] = results({ queries: [...others, single], maxContext })
      expect(first!.at(-1)).toEqual(alone)
      expect(second).toEqual(first)
    }
  })

  it.each([90, 300, 511, 650])('gives the token at %i the same bits on a busy card as on an idle one', position => {
    const queries = [{ sequence: 1, position } as const]
    expect(results({ queries, multiprocessors: 0 })).toEqual(results({ queries, multiprocessors: 1000 }))
  })

  it('gives the same bits whether a kernel waits for the one before or not', () => {
    expect(results({ queries: [single], without: ['overlap'] })[0]![0]).toEqual(alone)
  })

  it.each([['split-kv'], ['pack-heads'], ['split-kv', 'pack-heads']] as const)('is right without %s', (...without) => {
    const [rows] = results({ queries: [single], without })
    expect(largestDifference(rows![0]!, alone)).toBeLessThan(0.01)
  })

  it('gives a query of a prompt the same bits in whichever tile it comes', () => {
    const queries = Array.from({ length: 100 }, (_, i) => ({ sequence: 0, position: 90 + i }) as const)
    const [whole] = results({ queries, tiles: [64, 36] })
    expect(results({ queries, tiles: [30, 64, 6] })[0]).toEqual(whole)
    const [singles] = results({ queries })
    for (const [i, row] of whole!.entries()) expect(largestDifference(row, singles![i]!)).toBeLessThan(0.02)
  })

  it.each([
    ['bf16', 'bf16', 64, true],
    ['f16', 'f16', 80, true],
    ['bf16', 'fp8', 256, true],
    ['bf16', 'f16', 64, false],
    ['f32', 'f32', 64, false],
    ['bf16', 'bf16', 40, false],
  ] as const)(
    'takes prompts of %s over a cache of %s and heads of %i by tiles: %s',
    (type, kvType, headDim, expected) => {
      const tools = test.tools({}, type)
      expect(usesTiles(tools, { ...shape, headDim }, kvType)).toBe(expected)
      expect(usesTiles({ ...tools, batchInvariant: true }, { ...shape, headDim }, kvType)).toBe(false)
    },
  )
})

/** Between −1 and 1, as bf16. */
function someBf16(count: number, seed: number): Uint16Array {
  let state = seed * 2654435761
  const values = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
  return new Uint16Array(values.buffer).filter((_, i) => i % 2 === 1)
}

function largestDifference(a: Uint16Array, b: Uint16Array): number {
  const float = (bits: number) => new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!
  return Math.max(...Array.from(a, (bits, i) => Math.abs(float(bits) - float(b[i]!))))
}
