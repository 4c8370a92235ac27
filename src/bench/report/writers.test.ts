import { expect, test } from 'vitest'
import type { BenchReport } from './bench-report.ts'
import { readReport } from './read-report.ts'
import { sampleReport, sampleRun } from './testing/sample-report.ts'
import { SMALL_RECORDS, smallRun } from './testing/small-run.ts'
import { toCsv } from './to-csv.ts'
import { toJson } from './to-json.ts'
import { toJsonl } from './to-jsonl.ts'
import { toVllm } from './to-vllm.ts'

const small = sampleReport([smallRun()])

test('JSON: a key a line, lists in one', () => {
  const lines = toJson(small).split('\n')
  expect(lines.slice(0, 6)).toMatchInlineSnapshot(`
    [
      "{",
      "  "schema": "warpline-bench/1",",
      "  "kind": "run",",
      "  "command": "warpline bench sweep http://127.0.0.1:8090 --concurrency 1,2,4,8,16 --prompt-tokens 512",",
      "  "date": "2026-11-21T17:00:00.000Z",",
      "  "commit": "f676064d0c1e",",
    ]
  `)
  expect(lines.slice(lines.indexOf('      "samples": {'), -4)).toMatchInlineSnapshot(`
    [
      "      "samples": {",
      "        "due": [0, 100],",
      "        "ttft": [20, 25],",
      "        "tpot": [15, 5.5],",
      "        "e2e": [51, 37],",
      "        "largestGap": [20, 6],",
      "        "outputTokens": [3, 3]",
      "      },",
      "      "cutShort": null",
      "    }",
    ]
  `)
})

test('JSON keeps six digits of a fraction, and thousandths of what is large', () => {
  const findings = [1 / 3, 123456.789012, 1e-7 / 3, 7, Number.NaN] as unknown as string[]
  expect(toJson({ ...small, runs: [], findings })).toContain('"findings": [0.333333, 123456.789, 3.33333e-8, 7, null]')
})

test('what was written is read again as it was, but for digits nobody needs', () => {
  const report = sampleReport([sampleRun({ seed: 1, concurrency: 2, seconds: 4 }), smallRun()])
  const read = readReport(toJson(report))
  expect(JSON.parse(toJson(read))).toEqual(JSON.parse(toJson(report)))
  expect(read.runs[0]!.samples).toEqual(report.runs[0]!.samples)
  expect(read.runs[0]!.series.quantiles).toEqual(report.runs[0]!.series.quantiles)
})

test('what a newer version adds is kept', () => {
  const read = readReport(toJson({ ...small, novelty: { of: 1 } } as BenchReport))
  expect(read).toHaveProperty('novelty', { of: 1 })
})

test.each([
  ['', 'a.json is not JSON: give what "warpline bench --save FILE.json" wrote'],
  ['[]', 'a.json is no report: give what "warpline bench --save FILE.json" wrote'],
  [
    '{"figures": []}',
    'a.json is no report of this version: "schema" must be "warpline-bench/1", and it bears no such mark',
  ],
  [
    '{"schema": "warpline-bench/2"}',
    'a.json is no report of this version: "schema" must be "warpline-bench/1", and it says "warpline-bench/2"',
  ],
  [
    toJson(small).replace('"offered": 3', '"offered": "3"'),
    'a.json is damaged: runs.0.measures.requests.offered: Invalid input: expected number, received string; measure again',
  ],
])('what is no report is refused in one line', (text, message) => {
  expect(() => readReport(text, 'a.json')).toThrow(
    expect.objectContaining({ code: 'bad_report', name: 'BenchFileError', message }),
  )
})

test('keys and passwords stay out', () => {
  const text = toJson(small)
  expect(text).toContain('"target": "http://127.0.0.1:8090/"')
  expect(text).not.toContain('secret')
})

test('CSV: a line for each run, with a column for each parameter', () => {
  const other = smallRun({ label: 'a, "b"', parameters: { target: 'A' }, cutShort: 'interrupted' })
  const [header, ...rows] = toCsv(sampleReport([smallRun(), other]))
    .trimEnd()
    .split('\n')
  const names = header!.split(',')
  const cells = rows[0]!.split(',')
  const row = Object.fromEntries(names.map((name, i) => [name, cells[i]]))
  expect(new Set(names).size).toBe(names.length)
  expect(row).toMatchObject({
    model: 'ember',
    label: 'rate 10',
    parameter_rate: '10',
    parameter_target: '',
    valid: 'true',
    offered: '3',
    ok: '2',
    errors: 'overloaded=1',
    prompt_tokens: '14',
    output_tokens: '6',
    goodput_share: String(1 / 3),
    ttft_ms_count: '2',
    ttft_ms_mean: '22.5',
    ttft_ms_p99: '',
    ttft_ms_max: '25',
    itl_ms_count: '4',
    gpu_watts: '',
  })
  expect(rows[1]).toContain('"a, ""b"""')
  expect(rows[1]).toContain(',interrupted,')
})

test('a measure without samples is empty, not 0', () => {
  const run = smallRun()
  const nothing = { ...run.measures.tpot, count: 0, mean: { value: 0, low: null, high: null }, max: 0 }
  const [header, row] = toCsv(sampleReport([{ ...run, measures: { ...run.measures, tpot: nothing } }])).split('\n')
  const at = (name: string) => row!.split(',')[header!.split(',').indexOf(name)]
  expect([at('tpot_ms_count'), at('tpot_ms_mean'), at('tpot_ms_max')]).toEqual(['0', '', ''])
})

test('JSONL: a line for each request, of which every gap can be had again', () => {
  expect(toJsonl(SMALL_RECORDS)).toMatchInlineSnapshot(`
    "{"id":"r0","index":0,"turn":0,"phase":"measure","outcome":"ok","finishReason":"length","dueMs":0,"sentMs":1,"startMs":2,"endMs":51,"promptTokens":7,"cachedTokens":0,"outputTokens":3,"askedTokens":3,"arrivalsUs":[20000,10000,20000]}
    {"id":"r100","index":1,"turn":0,"phase":"measure","outcome":"ok","finishReason":"length","dueMs":100,"sentMs":101,"startMs":102,"endMs":137,"promptTokens":7,"cachedTokens":0,"outputTokens":3,"askedTokens":3,"arrivalsUs":[25000,6000,5000]}
    {"id":"r200","index":2,"turn":0,"phase":"measure","outcome":"overloaded","error":"the queue is full, \\"really\\"","dueMs":200,"sentMs":201,"startMs":null,"endMs":205,"promptTokens":7,"cachedTokens":0,"outputTokens":0,"askedTokens":3,"arrivalsUs":[]}
    "
  `)
})

test('JSONL: what the target itself tells, to a µs', () => {
  const timeline = {
    queuedAt: 1 / 3,
    admittedAt: 1,
    startedAt: 2,
    tokensAt: [2 / 3, 5],
    tokens: [1, 2],
    endedAt: 6,
  }
  const line = toJsonl([{ ...SMALL_RECORDS[0]!, timings: { queuedMs: 1 / 7, prefillMs: 2, decodeMs: 3 }, timeline }])
  expect(JSON.parse(line)).toMatchObject({
    timings: { queuedMs: 0.143, prefillMs: 2, decodeMs: 3 },
    timeline: { queuedAt: 0.333, tokensAt: [0.667, 5], tokens: [1, 2] },
  })
})

test('what rounding takes off does not add up over many gaps', () => {
  const arrivalsMs = Float64Array.from({ length: 10_000 }, (_, i) => 10.0004 + i * 0.3004)
  const record = { ...SMALL_RECORDS[0]!, arrivalsMs, arrivalTokens: new Uint32Array(10_000).fill(2) }
  const line = JSON.parse(toJsonl([record])) as { dueMs: number; arrivalsUs: number[]; arrivalTokens: number[] }
  const last = line.dueMs + line.arrivalsUs.reduce((sum, us) => sum + us, 0) / 1000
  expect(Math.abs(last - arrivalsMs.at(-1)!)).toBeLessThan(0.001)
  expect(line.arrivalTokens).toEqual(Array(10_000).fill(2))
})

test('as vLLM saves it', () => {
  expect(JSON.parse(toVllm(smallRun()))).toMatchInlineSnapshot(`
    {
      "backend": "warpline",
      "burstiness": 1,
      "completed": 2,
      "date": "20261121-170000",
      "duration": 0.205,
      "endpoint_type": "warpline",
      "failed": 1,
      "label": "rate 10",
      "max_concurrency": null,
      "max_concurrent_requests": 1,
      "max_output_tokens_per_s": 6,
      "mean_e2el_ms": 44,
      "mean_itl_ms": 10.25,
      "mean_tpot_ms": 10.25,
      "mean_ttft_ms": 22.5,
      "median_e2el_ms": 44,
      "median_itl_ms": 8,
      "median_tpot_ms": 10.25,
      "median_ttft_ms": 22.5,
      "model_id": "ember",
      "num_prompts": 3,
      "output_throughput": 29.26829268292683,
      "p99_e2el_ms": 50.86,
      "p99_itl_ms": 19.7,
      "p99_tpot_ms": 14.905,
      "p99_ttft_ms": 24.95,
      "request_goodput": 4.878048780487805,
      "request_rate": 10,
      "request_throughput": 9.75609756097561,
      "std_e2el_ms": 9.899494936611665,
      "std_itl_ms": 6.849574196011505,
      "std_tpot_ms": 6.7175144212722016,
      "std_ttft_ms": 3.5355339059327378,
      "tokenizer_id": "ember",
      "total_input_tokens": 14,
      "total_output_tokens": 6,
      "total_token_throughput": 97.5609756097561,
    }
  `)
})

test.each([
  [{ kind: 'closed', concurrency: 8 } as const, { request_rate: 'inf', burstiness: 1, max_concurrency: 8 }],
  [
    { kind: 'open', rate: 4, arrivals: 'gamma', burstiness: 0.5, maxInFlight: 9 } as const,
    { request_rate: 4, burstiness: 0.5, max_concurrency: 9 },
  ],
  [
    { kind: 'open', rate: 4, arrivals: 'constant', rampFrom: 1 } as const,
    { request_rate: 4, burstiness: 'inf', ramp_up_strategy: 'linear', ramp_up_start_rps: 1, ramp_up_end_rps: 4 },
  ],
])('its traffic of %j', (load, expected) => {
  const run = smallRun()
  expect(JSON.parse(toVllm({ ...run, spec: { ...run.spec, load } }))).toMatchObject(expected)
})
