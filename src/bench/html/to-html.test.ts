import { describe, expect, test } from 'vitest'
import type { RunReport } from '../report/bench-report.ts'
import { sampleReport, sampleRun } from '../report/testing/sample-report.ts'
import { smallRun } from '../report/testing/small-run.ts'
import { toHtml } from './to-html.ts'

/** What stands between `<main>` and the data, as words. */
function wordsOf(runs: readonly RunReport[]): string {
  const page = toHtml(sampleReport(runs))
  const body = page.slice(page.indexOf('<body>'), page.indexOf('<script'))
  return body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
}

describe('the verdict', () => {
  const bad = (reason: string, label = 'a') => smallRun({ label, verdict: { valid: false, reasons: [reason] } })
  test.each([
    ['valid', [smallRun()], /Valid: the client kept up, and the figures are the target’s\. Figures/],
    [
      'with a remark',
      [smallRun({ verdict: { valid: true, reasons: ['few requests'] } })],
      /are the target’s\. few requests/,
    ],
    ['cut short', [smallRun({ cutShort: 'interrupted' })], /was cut short: interrupted/],
    ['invalid', [bad('late')], /INVALID These figures are not the target’s\. Do not quote them\. late/],
    [
      'invalid for one reason of two runs, said once',
      [bad('late', 'a'), bad('late', 'b')],
      /The figures of both runs are not the target’s\. Do not quote them\. a, b: late/,
    ],
    [
      'invalid, with what is said of the others',
      [bad('late', 'a'), smallRun({ label: 'b', verdict: { valid: true, reasons: ['few requests'] } })],
      /The figures of 1 of 2 runs are not the target’s\. Do not quote them\. a: late b: few requests/,
    ],
    ['of nothing', [], /Nothing was measured\./],
  ])('%s', (_, runs, expected) => {
    expect(wordsOf(runs)).toMatch(expected)
  })
})

test('parts are there where there is something to say', () => {
  const parts = (run: RunReport) =>
    ['Goodput', 'GPU', 'Errors', 'Calibration', 'Where the first token’s time went'].filter(name =>
      toHtml(sampleReport([run])).includes(`<h2>${name}</h2>`),
    )
  const bare = smallRun()
  const { requests } = bare.measures
  const quiet = { ...bare, measures: { ...bare.measures, goodput: null, requests: { ...requests, errors: {} } } }
  expect(parts(quiet)).toEqual([])
  expect(parts(sampleRun({ seed: 1, concurrency: 2, seconds: 5, errors: 0.5 }))).toHaveLength(5)
})

test('a measure without samples is a dash, not 0', () => {
  const run = smallRun()
  const nothing = { ...run.measures.tpot, count: 0, mean: { value: 0, low: null, high: null }, max: 0, deviation: 0 }
  expect(wordsOf([{ ...run, measures: { ...run.measures, tpot: nothing } }])).toMatch(/TPOT – – – – – – – 0 /)
})

test('the policy names what the page holds, and nothing else', () => {
  const page = toHtml(sampleReport([smallRun()]))
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]
  expect(policy?.replaceAll('&#39;', "'").replace(/sha256-[\w+/=]+/g, 'sha256')).toBe(
    "default-src 'none'; script-src 'sha256' 'sha256'; style-src 'sha256' 'sha256'; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  )
  expect(page).not.toMatch(/\sstyle=|\son\w+="|https?:\/\/(?!127\.0\.0\.1|github\.com\/leeoniya)/)
})
