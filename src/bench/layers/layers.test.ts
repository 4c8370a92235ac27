import { expect, test } from 'vitest'
import { openTarget } from '../../targets.ts'
import { measureRun } from '../measure-run.ts'
import { LAYERS } from './layers.ts'
import { runLayers } from './run-layers.ts'

// What starts processes takes its time on a busy machine.
const PATIENCE_MS = 120_000

test('what computes is served over HTTP by a process of its own, with the options of its engine', {
  timeout: PATIENCE_MS,
}, async () => {
  const http = LAYERS.find(({ name }) => name === 'HTTP')!
  let url: string
  {
    await using opened = await http.open(
      'ember',
      { device: 'cpu', threads: 1, contextLength: 96, maxSequences: 3 },
      undefined,
    )
    url = opened.target
    await using engine = await openTarget(url, opened.open)
    expect(engine.info).toMatchObject({ model: 'ember', contextLength: 96 })
  }
  await expect(openTarget(url)).rejects.toMatchObject({ code: 'unreachable' })
})

test('the same work in process, over HTTP and through a router, and where its time went', {
  timeout: PATIENCE_MS,
}, async () => {
  const { runs, findings } = await runLayers(
    {
      targets: ['mock:?ttft=2ms&itl=1ms'],
      loads: [{ kind: 'closed', concurrency: 2 }],
      work: {
        kind: 'synthetic',
        prompt: { kind: 'fixed', tokens: 8 },
        output: { kind: 'fixed', tokens: 4 },
        as: 'tokens',
      },
      seed: 1,
      objectives: [],
      calibrate: false,
      warmUp: { requests: 2 },
      measure: { requests: 20 },
    },
    { measure: measureRun },
  )
  expect(runs.map(({ label, measures }) => [label, measures.requests.ok])).toEqual([
    ['in process', 20],
    ['HTTP', 20],
    ['router', 20],
    ['in process again', 20],
  ])
  const [inside, outside] = runs.map(({ phases }) => phases!.phases.map(({ name }) => name))
  expect(inside).toContain('all around the engine')
  expect(outside).toContain('network and HTTP, both ways')
  for (const { phases, measures } of runs)
    expect(phases!.phases.reduce((sum, { meanMs }) => sum + meanMs, 0)).toBeCloseTo(measures.ttft.mean.value, 6)
  expect(findings.filter(line => line.includes(' adds to '))).toEqual([
    'HTTP adds to in process:',
    'router adds to HTTP:',
  ])
})
