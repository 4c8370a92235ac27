import { expect, test } from 'vitest'
import type { Distribution, Estimate } from '../measures/measures.ts'
import type { PresetSettings, PresetTools } from '../presets/preset.ts'
import type { RunReport } from '../report/bench-report.ts'
import type { RunSpec } from '../run/run.ts'
import type { Layer } from './layer.ts'
import { runThrough } from './run-layers.ts'

const settings: PresetSettings = {
  targets: ['native:ember'],
  loads: [],
  work: {
    kind: 'synthetic',
    prompt: { kind: 'fixed', tokens: 8 },
    output: { kind: 'fixed', tokens: 4 },
    as: 'tokens',
  },
  seed: 1,
  objectives: [],
  calibrate: true,
}

const estimate = (value: number, half: number): Estimate => ({ value, low: value - half, high: value + half })
const distribution = (p50: number) => ({ p50: estimate(p50, 0.3), p99: null }) as Partial<Distribution> as Distribution

/** Layers that write down when they are opened and closed, and a measure whose figures are the target's. */
function bench(layers: readonly string[], ttft: Readonly<Record<string, number>>) {
  const seen: string[] = []
  const specs: RunSpec[] = []
  const opened = layers.map(
    (name): Layer => ({
      name,
      open: async target => {
        seen.push(`open ${name}`)
        return {
          target: `${name}/${target}`,
          [Symbol.asyncDispose]: async () => {
            seen.push(`close ${name}`)
          },
        }
      },
    }),
  )
  const measure: PresetTools['measure'] = async (spec, { label, parameters }) => {
    seen.push(`measure ${spec.target}`)
    specs.push(spec)
    const name = String(parameters!.layer).replace(' again', '')
    const p50 = distribution(ttft[name]!)
    const measures = { ttft: p50, itl: p50, e2e: p50, tokens: { outputPerSecond: estimate(1000 / ttft[name]!, 1) } }
    return { report: { label, parameters, measures } as Partial<RunReport> as RunReport, records: [] }
  }
  return { opened, measure, seen, specs }
}

test('opens a layer, measures it and closes it before the next, with the same work and load', async () => {
  const { opened, measure, seen, specs } = bench(['in process', 'HTTP'], { 'in process': 10, HTTP: 12 })
  const { runs, findings } = await runThrough(opened, settings, { measure })
  expect(seen).toEqual([
    'open in process',
    'measure in process/native:ember',
    'close in process',
    'open HTTP',
    'measure HTTP/native:ember',
    'close HTTP',
    'open in process',
    'measure in process/native:ember',
    'close in process',
  ])
  const [first, ...others] = specs.map(({ target: _, ...rest }) => rest)
  expect(others).toEqual([first, first])
  expect(runs.map(({ label }) => label)).toEqual(['in process', 'HTTP', 'in process again'])
  expect(findings).toMatchInlineSnapshot(`
    [
      "HTTP adds to in process:",
      "  TTFT p50: +2.000 [+1.576, +2.424] ms (10.00 → 12.00)",
      "  ITL p50: +2.000 [+1.576, +2.424] ms (10.00 → 12.00)",
      "  E2E p50: +2.000 [+1.576, +2.424] ms (10.00 → 12.00)",
      "  output tok/s: −16.67 [−18.08, −15.25] % (100 → 83.33)",
      "in process again: what the machine alone changes:",
      "  TTFT p50: +0.000 [−0.424, +0.424] ms (10.00 → 10.00)",
      "  ITL p50: +0.000 [−0.424, +0.424] ms (10.00 → 10.00)",
      "  E2E p50: +0.000 [−0.424, +0.424] ms (10.00 → 10.00)",
      "  output tok/s: +0.000 [−1.414, +1.414] % (100 → 100)",
    ]
  `)
})

test('any further layer is told of beside the one before it, for each load', async () => {
  const { opened, measure } = bench(['a', 'b', 'c'], { a: 1, b: 2, c: 4 })
  const loads = [1, 4].map(concurrency => ({ kind: 'closed', concurrency }) as const)
  const { runs, findings } = await runThrough(opened, { ...settings, loads }, { measure })
  expect(runs.map(({ label }) => label)).toEqual([
    'a, 1 at once',
    'b, 1 at once',
    'c, 1 at once',
    'a again, 1 at once',
    'a, 4 at once',
    'b, 4 at once',
    'c, 4 at once',
    'a again, 4 at once',
  ])
  expect(findings.filter(line => line.endsWith(':'))).toEqual([
    'b, 1 at once adds to a, 1 at once:',
    'c, 1 at once adds to b, 1 at once:',
    'a again, 1 at once: what the machine alone changes:',
    'b, 4 at once adds to a, 4 at once:',
    'c, 4 at once adds to b, 4 at once:',
    'a again, 4 at once: what the machine alone changes:',
  ])
})

test('what was measured before an interruption is kept, and its layer closed', async () => {
  const { opened, measure, seen } = bench(['a', 'b'], { a: 1, b: 2 })
  const controller = new AbortController()
  const interrupted: PresetTools['measure'] = async (...args) => {
    controller.abort()
    return await measure(...args)
  }
  const { runs } = await runThrough(opened, settings, { measure: interrupted, signal: controller.signal })
  expect(runs).toHaveLength(1)
  expect(seen.at(-1)).toBe('close a')
})

test('a layer is closed where its run fails', async () => {
  const { opened, seen } = bench(['a', 'b'], {})
  const measure = () => Promise.reject(new Error('it broke'))
  await expect(runThrough(opened, settings, { measure })).rejects.toThrow('it broke')
  expect(seen).toEqual(['open a', 'close a'])
})

test('a server elsewhere has its layers behind it already', async () => {
  const { opened, measure } = bench(['a'], { a: 1 })
  const targets = ['http://127.0.0.1:8090']
  await expect(runThrough(opened, { ...settings, targets }, { measure })).rejects.toMatchInlineSnapshot(
    `[UnsupportedError: http://127.0.0.1:8090 is behind its layers already: name what computes, e.g. a model's folder]`,
  )
})
