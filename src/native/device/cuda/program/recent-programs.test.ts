import { afterAll, describe, expect, it } from 'vitest'
import { CudaTensor } from '../tensor.ts'
import { testCard } from '../testing/test-card.ts'
import { TestTools } from '../testing/test-tools.ts'
import { RecentPrograms, type Recording } from './recent-programs.ts'

const card = testCard()

describe.skipIf(card === undefined)('launches of the sizes that came last', () => {
  const tools = card === undefined ? undefined : new TestTools()
  afterAll(() => tools?.[Symbol.dispose]())

  const tensor = (...shape: number[]) => new CudaTensor({}, shape, 'bf16', 'activations', 256)
  const shape = { tokens: 5, logitRows: 2, singles: 1, singlesContext: 9, tiles: 1, context: 20 }
  const heads = { heads: 2, kvHeads: 1, headDim: 16 }

  function setUp() {
    const { step, ...toolbox } = tools!.tools({}, 'bf16')
    const [qkv, out, weight] = [tensor(8, 64), tensor(8, 32), new CudaTensor({}, [32], 'f32', 'weights', 256)]
    const kv = { k: tensor(4, 16, 1, 16), v: tensor(4, 16, 1, 16) }
    let records = 0
    const record = (): Recording => {
      records++
      const norm = { kind: 'norm', out, x: out, weight, rows: 5, options: { epsilon: 1e-5, offset: 0 } } as const
      const options = { scale: 1, window: undefined }
      return { nodes: [{ kind: 'attention', out, qkv, kv, heads, options }, norm], logits: out }
    }
    return { recent: new RecentPrograms(toolbox), record, step, records: () => records }
  }
  const program = () => tensor(1, 1)

  it('are kept from the second time on, but for those of attention, which follow the step', () => {
    const { recent, record, step, records } = setUp()
    recent.find(program, shape, step, false, record)
    const first = recent.find(program, shape, step, false, record).lowered.operations(shape)
    const other = { ...shape, singles: 5, singlesContext: 7, tiles: 0 }
    const second = recent.find(program, other, step, false, record).lowered.operations(other)
    expect(records()).toBe(2)
    expect(first.map(({ name }) => name)).toEqual(['attentionPrefill', 'attentionDecode', 'rmsNorm'])
    expect(second.map(({ detail }) => detail)).toEqual([
      'bf16 × bf16 [5] of ≤ 7 · 2/1 heads of 16',
      'bf16 → bf16 [5, 32]',
    ])
    expect(second[1]).toBe(first[2])
  })

  it('are made anew for another program, other room, other rows', () => {
    const { recent, record, step, records } = setUp()
    const twice = () => [1, 2].map(() => recent.find(program, shape, step, false, record))
    twice()
    recent.find(() => tensor(1, 1), shape, step, false, record)
    recent.find(program, shape, step, false, record)
    recent.find(program, shape, { ...step }, false, record)
    recent.find(program, { ...shape, logitRows: 1 }, step, false, record)
    expect(records()).toBe(6)
  })

  it('are forgotten when many other sizes came since', () => {
    const { recent, record, step, records } = setUp()
    const each = (from: number, to: number) => {
      for (let tokens = from; tokens < to; tokens++) recent.find(program, { ...shape, tokens }, step, false, record)
    }
    each(0, 16)
    each(0, 16)
    expect(records()).toBe(32)
    // Seen once, they push nothing out.
    each(100, 116)
    each(0, 16)
    expect(records()).toBe(48)
    each(100, 116)
    each(0, 1)
    expect(records()).toBe(65)
  })
})
