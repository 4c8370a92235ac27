import type { Cell } from '../cell.ts'
import type { CellFigures, CellResult } from '../cell-result.ts'

export const FIGURES: CellFigures = {
  firstTokenMs: 12.345,
  msPerStep: 4.5678,
  decodeTokensPerSecond: 218.9,
  gigabytesPerSecond: 3120,
  ofCeiling: 0.7512,
  bound: 'memory',
  memoryBytes: 20e9,
  watts: 512.3,
  joulesPerToken: 2.3456,
  hostMicrosecondsPerStep: 95.4,
}

export function sampleCell(cell: Partial<Cell> = {}, result: Partial<CellResult> = {}): CellResult {
  return {
    schema: 'warpline-matrix-cell/1',
    cell: { model: 'llama-2-7b', batch: 1, promptLength: 128, gpus: 1, quantize: 'none', gpuLayers: 'all', ...cell },
    conditions: { steps: 20 },
    date: '2026-01-02T03:04:05.678Z',
    commit: 'abc',
    machine: { gpu: 'NVIDIA H200', driver: '580.1', cuda: '13.0', cpu: 'a CPU', cores: 2, node: '20.19.0' },
    backend: 'native/cuda',
    weights: 'bf16',
    figures: FIGURES,
    skipped: null,
    failed: null,
    invalid: null,
    ...result,
  }
}
