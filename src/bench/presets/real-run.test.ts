import { expect, test } from 'vitest'
import { measureRun } from '../measure-run.ts'
import { PRESETS } from './presets.ts'

test('a sweep of a target in a process of its own', async () => {
  const { runs, findings } = await PRESETS.sweep!.run(
    {
      targets: ['mock:?ttft=2ms&itl=1ms'],
      work: {
        kind: 'synthetic',
        prompt: { kind: 'fixed', tokens: 40 },
        output: { kind: 'uniform', min: 2, max: 6 },
        as: 'chat',
      },
      loads: [1, 3].map(concurrency => ({ kind: 'closed', concurrency })),
      seed: 1,
      warmUp: { requests: 3 },
      measure: { requests: 12 },
      objectives: [],
      calibrate: false,
    },
    { measure: measureRun },
  )
  expect(runs.map(({ label, measures }) => [label, measures.requests.offered, measures.requests.ok])).toEqual([
    ['concurrency 1', 12, 12],
    ['concurrency 3', 12, 12],
  ])
  for (const { measures } of runs) {
    expect(measures.tokens).toMatchObject({ prompt: 12 * 40, oddLengths: 0 })
    expect(measures.tokens.output).toBeGreaterThanOrEqual(12 * 2)
    expect(measures.tokens.output).toBeLessThanOrEqual(12 * 6)
  }
  expect(findings.length).toBeGreaterThan(0)
})
