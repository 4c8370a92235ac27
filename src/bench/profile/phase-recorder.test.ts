import { expect, test } from 'vitest'
import { inPhase, observePhases, throughPhase } from '../../native/index.ts'
import { PhaseRecorder } from './phase-recorder.ts'

test('phases nest, end when something is thrown, and are told to others', async () => {
  let time = 100
  const told: string[] = []
  const other = { begin: (phase: string) => told.push(phase), end: () => told.push('end') }
  const recorder = new PhaseRecorder(() => time++, [other])
  observePhases(recorder)
  try {
    await recorder.step(async () => {
      inPhase('enqueue', () => inPhase('stage', () => {}))
      await throughPhase('take', async () => {
        throw new Error('lost')
      }).catch(() => {})
    })
  } finally {
    observePhases(undefined)
  }
  inPhase('plan', () => {})
  expect(recorder.spans).toEqual([
    { name: 'stage', startMs: 3, ms: 1 },
    { name: 'enqueue', startMs: 2, ms: 3 },
    { name: 'take', startMs: 6, ms: 1 },
    { name: 'step', startMs: 1, ms: 7 },
  ])
  expect(told).toEqual(['enqueue', 'stage', 'end', 'end', 'take', 'end'])
})
