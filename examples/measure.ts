/**
 * A load on any target, and what its users feel:
 *
 *   npx tsx examples/measure.ts
 */
import { measureRun } from 'warpline/bench'

const { report } = await measureRun({
  target: 'mock:?ttft=20ms&itl=5ms',
  work: {
    kind: 'synthetic',
    prompt: { kind: 'fixed', tokens: 128 },
    output: { kind: 'fixed', tokens: 16 },
    as: 'tokens',
  },
  load: { kind: 'closed', concurrency: 8 },
  seed: 1,
  warmUp: { requests: 8 },
  measure: { requests: 100 },
})

const { requests, ttft, tokens } = report.measures
console.log(`${requests.ok} of ${requests.offered} answered, TTFT p50 ${ttft.p50?.value.toFixed(1)} ms`)
console.log(`${tokens.outputPerSecond.value.toFixed(0)} tok/s`)
