import { expect, test } from 'vitest'
import type { CellResult } from './cell-result.ts'
import { columnsFor, shown } from './matrix-columns.ts'
import { matrixCsv } from './matrix-csv.ts'
import { matrixHtml } from './matrix-html.ts'
import type { MatrixSummary } from './matrix-summary.ts'
import { sampleCell } from './testing/sample-cells.ts'

function summary(...cells: readonly CellResult[]): MatrixSummary {
  const { machine, date, commit } = cells[0]!
  const spec = {
    models: ['llama-2-7b'],
    batches: [1, 4],
    promptLengths: [128],
    gpus: [1],
    quantize: ['none'],
    gpuLayers: ['all' as const],
    steps: 20,
    warmUp: 5,
    repeats: 1,
    options: {},
    ceilings: true,
    send: 'tokens' as const,
  }
  return {
    schema: 'warpline-matrix/1',
    command: 'warpline bench matrix',
    date,
    commit,
    machine,
    spec,
    cells,
    missing: 1,
  }
}

const CELLS = [sampleCell(), sampleCell({ batch: 4 }, { figures: null, failed: 'the card, "lost"' })]

test('as CSV, every column of every cell', () => {
  expect(matrixCsv(summary(...CELLS))).toMatchInlineSnapshot(`
    "date,commit,gpu,backend,model,gpus,quantize,gpu_layers,batch,prompt_tokens,first_token_ms,ms_per_step,decode_tokens_per_second,gigabytes_per_second,of_ceiling_percent,bound,memory_gigabytes,watts,joules_per_token,host_microseconds_per_step,remark
    2026-01-02T03:04:05.678Z,abc,NVIDIA H200,native/cuda,llama-2-7b,1,bf16,all,1,128,12.345,4.5678,218.9,3120,75.12,memory,20,512.3,2.3456,95.4,
    2026-01-02T03:04:05.678Z,abc,NVIDIA H200,native/cuda,llama-2-7b,1,bf16,all,4,128,,,,,,,,,,,"the card, ""lost"""
    "
  `)
})

test('in a table, what tells something, with as many digits as count', () => {
  const columns = columnsFor(CELLS)
  const table = [columns.map(({ title }) => title), ...CELLS.map(cell => columns.map(column => shown(column, cell)))]
  expect(table.map(row => row.join(' | '))).toMatchInlineSnapshot(`
    [
      "model | weights | batch | prompt | first token ms | ms a step | tok/s | GB/s | % of the most | bound by | memory GB | W | J/token | host µs | ",
      "llama-2-7b | bf16 | 1 | 128 | 12.35 | 4.568 | 218.9 | 3120 | 75.1 | memory | 20.00 | 512 | 2.346 | 95 | ",
      "llama-2-7b | bf16 | 4 | 128 | – | – | – | – | – | – | – | – | – | – | the card, "lost"",
    ]
  `)
})

test('as a page, all cells by batch and prompt, and no markup of others', () => {
  const model = '<script>alert(1)</script>'
  const lost = sampleCell({ model, batch: 8 }, { figures: null, failed: 'the card, "lost"' })
  const doubtful = sampleCell({ model, batch: 16 }, { invalid: 'the client was late' })
  const page = matrixHtml(summary(sampleCell({ model }), sampleCell({ model, batch: 4 }), lost, doubtful))
  expect(page).not.toContain('<script>')
  expect(page).toContain('<th scope="row">4</th><td>12.3</td>')
  expect(page).toContain('5, 1 of them not come to, 1 failed')
  expect(page).toContain('alert(1)&lt;/script&gt;, batch 8, prompt 128: the card, &quot;lost&quot;</li>')
  expect(page).toContain('batch 16, prompt 128: INVALID: the client was late</li>')
})
