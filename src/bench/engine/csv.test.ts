import { expect, test } from 'vitest'
import { toCsv } from './csv.ts'
import type { EngineReport } from './report.ts'

const report: EngineReport = {
  command: 'warpline bench engine',
  date: '2026-11-21T15:00:00.000Z',
  commit: null,
  machine: { gpu: 'A "fast", new GPU', driver: '1', cuda: '13.0', cpu: 'CPU', cores: 2, node: '20' },
  model: 'ember',
  weights: 'bf16',
  kvType: 'bf16',
  backend: 'native/cuda',
  ceilings: null,
  rows: [
    {
      kind: 'generate',
      test: 'tg128',
      tokens: 128,
      depth: 0,
      batch: 8,
      without: ['graphs', 'overlap'],
      figures: null,
      skipped: 'needs a context of 200 tokens, and has 100',
      failed: false,
    },
  ],
}

test('a header and a line for each row, quoted where it must be', () => {
  const [header, row, end] = toCsv(report).split('\n')
  expect(header).toContain('gpu,cpu,backend,model,weights')
  expect(row).toContain(
    '"A ""fast"", new GPU",CPU,native/cuda,ember,bf16,bf16,graphs overlap,tg128,generate,128,0,8,,,',
  )
  expect(row).toContain('"needs a context of 200 tokens, and has 100"')
  expect(end).toBe('')
})
