import { describe, expect, test } from 'vitest'
import type { YarnRope } from './config.ts'
import { inverseFrequencies, ropeTables } from './rope.ts'

const close = (values: Float32Array, expected: readonly number[]) => {
  expect(values.length).toBe(expected.length)
  for (const [i, value] of values.entries()) expect(value / expected[i]!).toBeCloseTo(1, 6)
}

describe('inverseFrequencies', () => {
  test('are a geometric series', () => {
    close(inverseFrequencies({ type: 'default', theta: 10_000 }, 8), [1, 0.1, 0.01, 0.001])
  })

  test('linear: all are divided', () => {
    close(inverseFrequencies({ type: 'linear', theta: 10_000, factor: 4 }, 8), [0.25, 0.025, 0.0025, 0.00025])
  })

  test('llama3: short wavelengths stay, long ones are divided, between lies a blend', () => {
    const rope = { theta: 10_000, factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 1000 }
    // Wavelengths 6.3, 62.8, 628 and 6283; the bounds are 250 and 1000.
    const smooth = (1000 / (2 * Math.PI * 100) - 1) / 3
    const blend = (1 - smooth) * (0.01 / 8) + smooth * 0.01
    close(inverseFrequencies({ type: 'llama3', ...rope }, 8), [1, 0.1, blend, 0.001 / 8])
  })

  const yarn: YarnRope = {
    ...{ type: 'yarn', theta: 10_000, factor: 4, betaFast: 32, betaSlow: 1 },
    ...{ originalContext: 2048, attentionFactor: 1, truncate: true },
  }
  test('yarn: the ramp runs over whole dimensions', () => {
    // The dimensions that turn 32 times and once: 16·ln(2048 / 64π) / 2·ln(10⁴) = 2.01 and 5.02.
    const kept = [1, 1, 1, 1 - 1 / 4, 1 - 2 / 4, 1 - 3 / 4, 0, 0]
    const expected = kept.map((share, i) => 10 ** (-i / 2) * (share + (1 - share) / 4))
    close(inverseFrequencies(yarn, 16), expected)
  })

  test('yarn: or from where it would begin', () => {
    const bound = (turns: number) => (16 * Math.log(2048 / (turns * 2 * Math.PI))) / (2 * Math.log(10_000))
    const [low, high] = [bound(32), bound(1)]
    const expected = Array.from({ length: 8 }, (_, i) => {
      const ramp = Math.min(Math.max((i - low) / (high - low), 0), 1)
      return 10 ** (-i / 2) * (1 - ramp + ramp / 4)
    })
    close(inverseFrequencies({ ...yarn, truncate: false }, 16), expected)
  })
})

test('ropeTables hold every position, times the attention factor', () => {
  const rope = { theta: 10_000, factor: 1, betaFast: 32, betaSlow: 1, originalContext: 64, truncate: true }
  const { cos, sin } = ropeTables({ type: 'yarn', ...rope, attentionFactor: 1.5 }, 4, 3)
  close(cos, [1.5, 1.5, 1.5 * Math.cos(1), 1.5 * Math.cos(0.01), 1.5 * Math.cos(2), 1.5 * Math.cos(0.02)])
  expect([...sin.subarray(0, 2)]).toEqual([0, 0])
  close(sin.subarray(2), [1.5 * Math.sin(1), 1.5 * Math.sin(0.01), 1.5 * Math.sin(2), 1.5 * Math.sin(0.02)])
})
