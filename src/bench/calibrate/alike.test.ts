import { expect, test } from 'vitest'
import type { RunSpec } from '../run/run.ts'
import { fullSpeedLike, pacedLike } from './alike.ts'

const spec: RunSpec = {
  target: 'http://10.0.0.1:8090',
  open: { remote: { apiKeyFile: 'secret.txt', api: 'chat', streaming: false, model: 'theirs' } },
  work: {
    kind: 'synthetic',
    prompt: { kind: 'uniform', min: 10, max: 500 },
    output: { kind: 'fixed', tokens: 1000 },
    as: 'chat',
    turns: 3,
  },
  load: { kind: 'closed', concurrency: 8 },
  seed: 7,
  processes: 2,
  warmUp: { requests: 100 },
  measure: { seconds: 60 },
}

test('asks as the run will, of its own server, for a second or so', () => {
  for (const alike of [pacedLike(spec).spec, fullSpeedLike(spec)]) {
    expect(alike).toMatchObject({
      open: { remote: { apiKey: 'null', api: 'chat', streaming: false } },
      work: { prompt: spec.work.kind === 'synthetic' && spec.work.prompt, as: 'chat', turns: 1 },
      load: { kind: 'closed', concurrency: 8 },
      seed: 7,
      processes: 2,
      warmUp: { seconds: expect.any(Number) },
      measure: { seconds: 0.7 },
    })
    // The key is the target's, and so is the model.
    expect(JSON.stringify(alike)).not.toMatch(/secret|theirs/)
  }
})

test.each([
  [{ kind: 'closed', concurrency: 1 }, 5, 8],
  [{ kind: 'closed', concurrency: 8 }, 5, 64],
  [{ kind: 'closed', concurrency: 64 }, 13, 24],
  [{ kind: 'closed', concurrency: 1000 }, 50, 20],
  [{ kind: 'open', rate: 500, arrivals: 'poisson' }, 10, 10],
  [{ kind: 'open', rate: 1, arrivals: 'poisson' }, 10, 32],
  [{ kind: 'open', rate: 10_000, arrivals: 'poisson' }, 10, 2],
  [{ kind: 'trace', path: 'a.jsonl' }, 13, 24],
] as const)('%o has gaps of %i ms and answers of up to %i tokens', (load, gapMs, tokens) => {
  const { pace, spec: paced } = pacedLike({ ...spec, load })
  expect(pace).toEqual({ ttftMs: gapMs, itlMs: gapMs })
  expect(paced.work).toMatchObject({ output: { kind: 'uniform', min: Math.ceil(tokens / 2), max: tokens } })
})

test.each([1, 3])('answers are no longer than the target’s %i', tokens => {
  const work = { ...spec.work, output: { kind: 'fixed', tokens } } as const
  expect(pacedLike({ ...spec, work }).spec.work).toMatchObject({ output: { min: Math.ceil(tokens / 2), max: tokens } })
})

test('answers at full speed are as long as the target’s, up to what makes a stream', () => {
  const outputs = [
    [
      { kind: 'fixed', tokens: 4 },
      { kind: 'fixed', tokens: 4 },
    ],
    [
      { kind: 'fixed', tokens: 400 },
      { kind: 'fixed', tokens: 64 },
    ],
    [
      { kind: 'uniform', min: 30, max: 400 },
      { kind: 'uniform', min: 30, max: 64 },
    ],
    [
      { kind: 'normal', mean: 100, deviation: 9, min: 80 },
      { kind: 'normal', mean: 64, deviation: 9, min: 64, max: 64 },
    ],
  ] as const
  for (const [output, expected] of outputs) {
    const work = { kind: 'file', path: 'prompts.txt', output } as const
    expect(fullSpeedLike({ ...spec, work }).work).toEqual({
      kind: 'synthetic',
      prompt: { kind: 'fixed', tokens: 256 },
      output: expected,
      as: 'text',
    })
  }
})
